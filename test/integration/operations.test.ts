import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatRecord, simulate } from '../../src/simulate/simulate';
import {
  documentsIn,
  easyPolicy,
  embedded,
  enforcing,
  environment,
  freePort,
  positionIn,
  recordingReceiver,
} from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { keywatch } from '../support/keywatch';
import { eventually } from '../support/time';

const makeDirectory = temporaryDirectories();
const lines = [...simulate({ seed: 3, keys: 12, days: 9, ratePerKeyDay: 60, thefts: 4 })].map(({ record }) =>
  formatRecord(record),
);
const log = `${lines.join('\n')}\n`;
const keys = new Set(lines.map((line) => String(JSON.parse(line).key)));

async function readiness(url: string): Promise<{ status: number; problems: { part: string; problem: string }[] }> {
  const answer = await fetch(`${url}/readyz`);
  const { problems } = (await answer.json()) as { problems: { part: string; problem: string }[] };
  return { status: answer.status, problems };
}

test('SIGTERM while it follows: exit 0, everything read is committed, and the next start goes on there', async () => {
  const paths = embedded(await makeDirectory());
  writeFileSync(paths.input, log);
  const run = keywatch(['run', '-c', paths.config]);
  const url = await run.url();
  await eventually(async () => (await run.metric('keywatch_records_consumed_total')) === lines.length);
  expect(await (await fetch(`${url}/livez`)).json()).toEqual({ live: true });
  expect((await readiness(url)).status).toBe(200);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  for (const key of keys) expect(metrics).not.toContain(key);
  expect(await run.stop()).toBe(0);
  expect(run.said()).toContain('stopped: effects are durable');
  expect(positionIn(paths.state)).toBe(lines.length);
  expect(existsSync(join(paths.state, 'lock'))).toBe(false);
  const before = documentsIn(paths.alerts).length;
  expect(before).toBeGreaterThan(0);

  appendFileSync(paths.input, `${lines[lines.length - 1]}\n`);
  const again = keywatch(['run', '-c', paths.config]);
  await eventually(async () => (await again.metric('keywatch_records_consumed_total')) >= 1);
  expect(await again.metric('keywatch_records_consumed_total')).toBe(1);
  expect(await again.stop()).toBe(0);
  expect(positionIn(paths.state)).toBe(lines.length + 1);
});

test('a second process on the same state is refused by name, and leaves the first alone', async () => {
  const paths = embedded(await makeDirectory());
  writeFileSync(paths.input, log);
  const first = keywatch(['run', '-c', paths.config]);
  await eventually(async () => (await first.metric('keywatch_records_consumed_total')) === lines.length);
  const second = keywatch(['run', '-c', paths.config]);
  expect(await second.ended()).toBe(1);
  expect(second.said()).toContain(`keywatch: state.dir is in use by process ${first.child.pid}`);
  expect(second.said()).not.toContain('    at ');
  expect((await readiness(await first.url())).status).toBe(200);
  await first.kill();
  // What a crash left behind keeps nobody out.
  const third = keywatch(['run', '-c', paths.config]);
  await third.url();
  await eventually(async () => (await readiness(await third.url())).status === 200);
  expect(await third.stop()).toBe(0);
});

test('a file that is not followed ends by itself with exit 0, its suspensions delivered', async () => {
  const receiver = await recordingReceiver();
  const dir = await makeDirectory();
  const paths = embedded(dir, {
    source: { kind: 'file', path: join(dir, 'access.ndjson'), follow: false },
    policy: easyPolicy,
    enforce: enforcing(receiver.url),
  });
  writeFileSync(paths.input, log);
  const run = keywatch(['run', '-c', paths.config], environment);
  expect([await run.ended(), run.said()]).toEqual([0, run.said()]);
  await receiver.close();
  expect(positionIn(paths.state)).toBe(lines.length);
  const wanted = documentsIn(paths.alerts).flatMap(({ keywatch }) =>
    keywatch.request?.state === 'delivered' ? [keywatch.request.id] : [],
  );
  expect(wanted.length).toBeGreaterThan(0);
  expect([...new Set(receiver.ids)].sort()).toEqual([...new Set(wanted)].sort());
});

test('stdin: read to its end, exit 0; what was learned stays for the next run', async () => {
  const paths = embedded(await makeDirectory(), { source: { kind: 'stdin' } });
  for (const part of [lines.slice(0, 3_000), lines.slice(3_000)]) {
    const run = keywatch(['run', '-c', paths.config], {}, 'pipe');
    await run.url();
    run.child.stdin!.end(part.join('\n'));
    expect([await run.ended(), run.said()]).toEqual([0, run.said()]);
  }
  const told = documentsIn(paths.alerts).filter(({ event }) => event.kind === 'alert');
  expect(told.length).toBeGreaterThan(0);
});

test('a full outbox holds the stream and says so; a stop ends all the same, and nothing is lost', async () => {
  const dir = await makeDirectory();
  // A file where the alerts' folder should be: every write fails.
  writeFileSync(join(dir, 'no'), '');
  const blocked = { alerts: [{ kind: 'file', path: join(dir, 'no', 'alerts.ndjson') }] };
  const policy = { rules: [{ name: 'odd', when: { risk: 1 }, action: 'alert' }] };
  const tight = { state: { dir: join(dir, 'state'), checkpointEvery: '1s', outboxMaxBytes: 4_096 }, policy };
  const paths = embedded(dir, { ...tight, ...blocked });
  writeFileSync(paths.input, log);
  const run = keywatch(['run', '-c', paths.config]);
  const url = await run.url();
  // The outbox may be full before the sink has failed for the first time.
  await eventually(async () => {
    const parts = (await readiness(url)).problems.map(({ part }) => part);
    return parts.includes('outbox') && parts.some((part) => part.startsWith('alerts to '));
  });
  expect(await run.stop()).toBe(0);
  expect(run.said()).toContain('stopped with the outbox full');
  expect(positionIn(paths.state)).toBeLessThan(lines.length);

  const undisturbed = embedded(await makeDirectory(), { policy });
  writeFileSync(undisturbed.input, log);
  rmSync(join(dir, 'no'));
  for (const { config, state } of [paths, undisturbed]) {
    const more = keywatch(['run', '-c', config]);
    await more.url();
    await eventually(() => positionIn(state) === lines.length);
    expect(await more.stop()).toBe(0);
  }
  const ids = (path: string) =>
    [
      ...new Set(
        documentsIn(path).flatMap(({ event, user, keywatch }) =>
          user && keywatch.incident?.state !== 'closed' ? [event.id] : [],
        ),
      ),
    ].sort();
  expect(ids(join(dir, 'no', 'alerts.ndjson'))).toEqual(ids(undisturbed.alerts));
  expect(ids(undisturbed.alerts).length).toBeGreaterThan(0);
}, 60_000);

test('a receiver that is down: told in the log and by /readyz, tried again, and recovered from when it comes', async () => {
  const port = await freePort();
  const paths = embedded(await makeDirectory(), {
    policy: easyPolicy,
    enforce: enforcing(`http://127.0.0.1:${port}/hook`),
  });
  writeFileSync(paths.input, log);
  const run = keywatch(['run', '-c', paths.config], environment);
  const url = await run.url();
  await eventually(async () => (await readiness(url)).problems.some(({ part }) => part === 'enforcement'));
  expect((await readiness(url)).status).toBe(503);
  await eventually(() => run.said().includes('"part":"enforcement"'));
  const receiver = await recordingReceiver(port);
  await eventually(async () => (await readiness(url)).status === 200);
  await eventually(() => run.said().includes('ready again'));
  expect(await run.stop()).toBe(0);
  await receiver.close();
  expect(receiver.ids.length).toBeGreaterThan(0);
}, 60_000);

test('a broker that is down at start: it stays up, names it, and stops when asked', async () => {
  const port = await freePort();
  const paths = embedded(await makeDirectory(), {
    source: { kind: 'kafka', brokers: [`127.0.0.1:${port}`], topic: 'usage' },
  });
  const run = keywatch(['run', '-c', paths.config]);
  const url = await run.url();
  await eventually(async () => (await readiness(url)).problems[0]?.part === 'source kafka:usage');
  await eventually(async () => (await readiness(url)).problems[0].problem.includes(`127.0.0.1:${port}`));
  expect((await readiness(url)).status).toBe(503);
  await eventually(() => run.said().includes('"part":"source kafka:usage"'));
  expect(run.child.exitCode).toBeNull();
  expect(await run.stop()).toBe(0);
});
