import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentsIn, easyPolicy, embedded } from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { keywatch } from '../support/keywatch';
import { type Request, traffic } from '../support/leaky-formats';

const makeDirectory = temporaryDirectories();
const all = [...traffic()];
const DAY = 86_400_000;
const end = all[all.length - 1].at;
const today = end - DAY;

const lineOf = ({ at, owner, thief }: Request) =>
  JSON.stringify({
    ts: new Date(at).toISOString(),
    key: `key-${owner}`,
    ip: thief ? '177.71.128.9' : `93.184.216.${owner.length}`,
    path: thief ? '/v1/export' : '/v1/orders',
    status: thief ? 403 : 200,
    userAgent: thief ? 'curl/8.5' : 'billing-client/2.1',
  });
const textOf = (requests: readonly Request[]) => `${requests.map(lineOf).join('\n')}\n`;

async function command(args: readonly string[]) {
  const run = keywatch(args);
  return { code: await run.ended(), out: run.printed(), err: run.said() };
}

/** The present log begins a day before the end of what is learned, as a log that was rotated late does. */
async function learning(options: readonly string[] = [], settings: Record<string, unknown> = {}) {
  const dir = await makeDirectory();
  const paths = embedded(dir, {
    source: { kind: 'file', path: join(dir, 'access.log'), follow: false },
    policy: easyPolicy,
    state: { dir: join(dir, 'state'), ...settings },
  });
  writeFileSync(join(dir, 'old.log'), textOf(all.filter(({ at }) => at < today)));
  writeFileSync(join(dir, 'access.log'), textOf(all.filter(({ at }) => at >= today - DAY)));
  const learn = () => command(['learn', join(dir, 'old.log'), '-c', paths.config, ...options]);
  const run = () => command(['run', '-c', paths.config]);
  return { dir, paths, learn, run };
}

/** What is said first of the thief on a key, which is grouped with the alert about the same thief on another one. */
const alertsOf = (path: string) =>
  documentsIn(path).filter(({ keywatch, user }) => keywatch.incident?.state === 'open' && user?.id === 'key-Own');

test('run starts from what was learned; what is in both logs counts once', async () => {
  const { dir, paths, learn, run } = await learning();
  const learned = await learn();
  expect([learned.code, learned.err]).toEqual([0, '']);
  expect(learned.out).toMatch(/keys {6}4: 4 mature, 0 too young/);
  expect(existsSync(paths.alerts)).toBe(false);

  const again = await learn();
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('holds a state already; --force') });

  // With the model that is in place by default, too: none of the state is of another make.
  expect(await run()).toMatchObject({ code: 0, err: expect.not.stringContaining('relearned') });
  const [first] = alertsOf(paths.alerts);
  expect(Date.parse(first['@timestamp'])).toBeGreaterThan(end - 3 * 3_600_000);
  const known = first.keywatch.baseline?.events as number;
  const wanted = all.filter(
    ({ at, owner, thief }) => owner === 'Own' && !thief && at < Date.parse(first['@timestamp']),
  );
  // A day is in both: 72 requests. Those within detect.lateness of the end of what was learned may count twice.
  expect(known).toBeGreaterThanOrEqual(wanted.length);
  expect(known - wanted.length).toBeLessThanOrEqual(10);

  const anew = await command(['learn', join(dir, 'old.log'), '-c', paths.config, '--force']);
  expect(anew).toMatchObject({ code: 0, out: learned.out });
}, 60_000);

test('in place: a first start learns its log in silence, and says how mature it is', async () => {
  const { paths, run } = await learning([], { learnHistory: true });
  const ran = await run();
  expect(ran.code).toBe(0);
  expect(alertsOf(paths.alerts)).toEqual([]);
  expect(ran.err).toContain('learned from history; alerts and actions are on from here');
  const facts = JSON.parse(ran.err.split('\n').find((line) => line.includes('learned from history')) as string);
  expect(facts).toMatchObject({ partition: 0, keys: 4, rejected: 0 });
  expect(facts.mature + facts.young).toBe(4);
  expect(facts.youngest.length).toBe(facts.young);
  expect(facts.alertsNotSent).toBeGreaterThan(0);
  const told = documentsIn(paths.alerts).filter(({ event }) => event.action === 'history-learned');
  expect(told.map(({ event }) => event.end)).toEqual([facts.to]);
}, 60_000);

test('with Kafka it says what to do instead', async () => {
  const dir = await makeDirectory();
  const paths = embedded(dir, { source: { kind: 'kafka', brokers: ['127.0.0.1:9'], topic: 't' } });
  writeFileSync(join(dir, 'old.log'), '');
  const { code, err } = await command(['learn', join(dir, 'old.log'), '-c', paths.config]);
  expect([code, err]).toEqual([1, expect.stringContaining('set state.learnHistory: true and source.start: earliest')]);
}, 60_000);
