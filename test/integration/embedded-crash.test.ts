import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileCheckpointStore } from '../../src/adapters/file/checkpoint';
import { createEngine } from '../../src/app/core';
import { configSchema } from '../../src/config';
import { random } from '../../src/simulate/random';
import { formatRecord, simulate } from '../../src/simulate/simulate';
import { documentsIn, easyPolicy, embedded, enforcing, positionIn, WEBHOOK_SECRET } from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { type Keywatch, keywatch, referenceReceiver, type Suspended } from '../support/keywatch';
import { eventually } from '../support/time';

/** How often the process is killed, and the seed of when; both can be set for longer runs. */
const CRASHES = Number(process.env.KEYWATCH_CRASHES ?? 8);
const SEED = process.env.KEYWATCH_CRASH_SEED ?? String(Date.now());
jest.setTimeout(90_000 + CRASHES * 5_000);

const LINES_A_WRITE = 40;
const WRITE_EVERY_MS = 20;
const LINES_A_FILE = 2_500;

const makeDirectory = temporaryDirectories();
const receivers: Suspended[] = [];
afterAll(() => Promise.all(receivers.map((receiver) => receiver.close())));

const traffic = { seed: 7, keys: 40, days: 14 + CRASHES * 4, ratePerKeyDay: 60, thefts: 10, quietShare: 0.1 } as const;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Alerts and nothing else: Enforce, which goes by the clock on the wall, has no say in what Detect learns. */
const alertPolicy = { rules: [{ name: 'odd', when: { risk: 1 }, action: 'alert' }] };

async function deployment(policy: typeof alertPolicy | typeof easyPolicy) {
  const receiver = await referenceReceiver(WEBHOOK_SECRET);
  receivers.push(receiver);
  const dir = await makeDirectory();
  const enforce = enforcing(receiver.url);
  const paths = embedded(dir, {
    policy,
    enforce,
    state: { dir: join(dir, 'state'), checkpointEvery: '150ms' },
  });
  const start = () => keywatch(['run', '-c', paths.config], { KEYWATCH_WEBHOOK_SECRET: WEBHOOK_SECRET });

  /** What it all came to. The cursor names a file by its inode, so it is left out of the state. */
  async function result() {
    const config = configSchema.parse({ source: { kind: 'stdin' }, policy, enforce });
    const engine = createEngine(config, 0);
    const bytes = await createFileCheckpointStore(join(paths.state, 'checkpoints')).load(0);
    engine.restore(bytes!);
    engine.advance([], { next: engine.next, cursor: '' });
    const told = documentsIn(paths.alerts).filter((d) => d.keywatch.incident && d.keywatch.incident.state !== 'closed');
    return {
      next: engine.next,
      alerts: [...new Set(told.map(({ event }) => event.id))].sort(),
      state: Buffer.from(engine.checkpoint()).toString('base64'),
    };
  }

  async function finish(run: Keywatch, lines: number): Promise<void> {
    await run.url();
    await eventually(() => {
      if (run.child.exitCode !== null) throw new Error(`keywatch ended: ${run.said()}`);
      return positionIn(paths.state) === lines;
    });
    expect([await run.stop(), run.said()]).toEqual([0, expect.stringContaining('stopped: effects are durable')]);
  }
  return { paths, receiver, start, result, finish };
}

/** A deployment whose process is killed again and again while its log grows and is rotated; answers the lines of the log. */
async function killed(rough: Awaited<ReturnType<typeof deployment>>, crashes: number): Promise<readonly string[]> {
  console.info(`embedded-crash: KEYWATCH_CRASHES=${CRASHES} KEYWATCH_CRASH_SEED=${SEED}`);
  const rng = random(SEED);
  const source = simulate(traffic)[Symbol.iterator]();
  const written: string[] = [];

  let rotations = 0;
  let inFile = 0;
  let half = '';
  function grow(): void {
    if (inFile >= LINES_A_FILE) {
      rotations++;
      renameSync(rough.paths.input, `${rough.paths.input}.${String(rotations).padStart(6, '0')}`);
      inFile = 0;
    }
    const lines: string[] = [];
    while (lines.length < LINES_A_WRITE) {
      const { value, done } = source.next();
      if (done) throw new Error('the simulated traffic is too short');
      lines.push(formatRecord(value.record));
    }
    // A writer's buffer ends anywhere: the second half of the last line comes with the next write.
    const text = `${half}${lines.join('\n')}\n`;
    const whole = inFile + lines.length >= LINES_A_FILE;
    const cut = whole ? text.length : text.length - 30;
    appendFileSync(rough.paths.input, text.slice(0, cut));
    half = text.slice(cut);
    written.push(...lines);
    inFile += lines.length;
  }
  // What is rotated away before the first start has begun is nobody's to find again.
  grow();
  const first = rough.start();
  await eventually(() => positionIn(rough.paths.state) >= 0);
  await first.kill();
  const growing = new AbortController();
  const writer = (async () => {
    while (!growing.signal.aborted) {
      grow();
      await pause(WRITE_EVERY_MS);
    }
  })();

  const said: string[] = [];
  for (let crash = 0; crash < crashes; crash++) {
    const run = rough.start();
    // A third of them dies somewhere in its start.
    if (rng.int(3) > 0) await run.url();
    await pause(rng.int(900));
    expect([run.child.exitCode, run.said()]).toEqual([null, run.said()]);
    await run.kill();
    said.push(run.said());
  }
  growing.abort();
  await writer;
  appendFileSync(rough.paths.input, half);
  const last = rough.start();
  await rough.finish(last, written.length);
  said.push(last.said());
  expect(said.join('')).not.toContain('lines may have been missed');
  expect(rotations).toBeGreaterThan(0);

  return written;
}

test(`killed with -9 ${CRASHES} times (seed ${SEED}) while the log grows and is rotated: the same alerts and state`, async () => {
  const rough = await deployment(alertPolicy);
  const written = await killed(rough, CRASHES);

  const calm = await deployment(alertPolicy);
  writeFileSync(calm.paths.input, `${written.join('\n')}\n`);
  await calm.finish(calm.start(), written.length);

  const expected = await calm.result();
  expect(expected.alerts.length).toBeGreaterThan(0);
  const { state, ...found } = await rough.result();
  const { state: expectedState, ...rest } = expected;
  expect(found).toEqual(rest);
  expect(state === expectedState).toBe(true);
});

test(`killed with -9 (seed ${SEED}): what was accepted reached the receiver, once, and nothing else did`, async () => {
  const rough = await deployment(easyPolicy);
  await killed(rough, Math.ceil(CRASHES / 2));
  const outcomes = readFileSync(join(rough.paths.state, 'ledger.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"accepted"'));
  const accepted = outcomes.map((line) => /"requestId":"([^"]+)"/.exec(line)?.[1]);
  expect(accepted.length).toBeGreaterThan(0);
  expect([...rough.receiver.ids].sort()).toEqual([...accepted].sort());
  expect(rough.receiver.bad()).toBe(0);
});
