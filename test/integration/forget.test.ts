import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  documentsIn,
  easyPolicy,
  embedded,
  enforcing,
  environment,
  filesBelow,
  freePort,
  positionIn,
  recordingReceiver,
} from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { keywatch } from '../support/keywatch';
import { type Request, traffic } from '../support/leaky-formats';

const makeDirectory = temporaryDirectories();
const KEY = 'key-Own';

const lineOf = ({ at, owner, thief }: Request) =>
  JSON.stringify({
    ts: new Date(at).toISOString(),
    key: `key-${owner}`,
    ip: thief ? '177.71.128.9' : `93.184.216.${owner.length}`,
    path: thief ? '/v1/export' : '/v1/orders',
    status: thief ? 403 : 200,
    userAgent: thief ? 'curl/8.5' : 'billing-client/2.1',
  });

/**
 * Where the key id stands below a folder. The audit log is a chain of which nothing can be taken away; an action in force
 * stays known until its release, with who uses the key meanwhile.
 */
const placesOf = (dir: string) =>
  filesBelow(dir).filter((path) => {
    const text = readFileSync(path, 'latin1').replace(/"(acts|uses)":\[.*?\](?=,"(policies|uses)"|\})/gs, '');
    return !path.includes('/audit/') && text.includes(KEY);
  });

async function until(what: () => boolean | Promise<boolean>, said: () => string): Promise<void> {
  for (let i = 0; i < 160; i++) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it never came: ${said()}`);
}

test('a key leaves state, ledger, outbox and journal; an action in force is released first', async () => {
  const dir = await makeDirectory();
  const receiver = await recordingReceiver();
  const paths = embedded(dir, {
    policy: easyPolicy,
    enforce: enforcing(receiver.url),
    alerts: [
      { kind: 'file', path: join(dir, 'alerts.ndjson') },
      // Nobody listens: its alerts wait in the outbox.
      { kind: 'webhook', url: `http://127.0.0.1:${await freePort()}/`, allowHttp: true, allowPrivate: ['127.0.0.1'] },
    ],
  });
  writeFileSync(paths.input, `${[...traffic()].map(lineOf).join('\n')}\n`);
  const forget = async (...options: string[]) => {
    const asked = keywatch(['forget', KEY, '-c', paths.config, '--by', 'privacy desk', ...options], environment);
    return { code: await asked.ended(), err: asked.said() };
  };
  const ledger = () => readFileSync(join(paths.state, 'ledger.log'), 'utf8');

  const run = keywatch(['run', '-c', paths.config], environment);
  await until(() => existsSync(join(paths.state, 'ledger.log')) && ledger().includes('"delivered"'), run.said);
  expect(documentsIn(paths.alerts).some(({ user }) => user?.id === KEY)).toBe(true);
  const refused = await forget();
  expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/suspend is in force.*\n.*release it first/) });
  expect(placesOf(paths.state).map((path) => path.replace(/\d{6,}/, '*').slice(paths.state.length))).toEqual(
    expect.arrayContaining(['/ledger.log', '/outbox/alerts-*.log']),
  );

  // By force all goes but what the release needs.
  expect((await forget('--force')).code).toBe(0);
  await until(() => run.said().includes('a key was forgotten'), run.said);
  expect(run.said()).not.toContain(KEY);
  // The command itself lies in the journal until the log has gone on and a checkpoint is behind it.
  appendFileSync(paths.input, `${lineOf({ at: Date.UTC(2026, 0, 14, 1), owner: 'Two', thief: false })}\n`);
  await until(() => positionIn(paths.state) > [...traffic()].length, run.said);
  expect(await run.stop()).toBe(0);
  expect(placesOf(paths.state)).toEqual([join(paths.state, 'ledger.log')]);
  const tombstone = /forgotten:[\w-]{22}/.exec(readFileSync(join(paths.state, 'forgotten.log'), 'utf8'))?.[0] as string;
  const audit = filesBelow(join(paths.state, 'audit')).map((path) => readFileSync(path, 'utf8'));
  expect(audit.join()).toContain(tombstone);

  // The next start loads all of it; nothing that was sent goes out again.
  const sent = receiver.ids.length;
  const again = keywatch(['run', '-c', paths.config], environment);
  await again.url();
  await until(async () => (await again.metric('keywatch_suspended_keys')) > 0, again.said);
  expect(await again.stop()).toBe(0);
  expect(receiver.ids.length).toBe(sent);
  await receiver.close();
}, 90_000);
