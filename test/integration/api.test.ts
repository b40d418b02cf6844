import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { main } from '../../src/bin/main';
import { formatRecord, simulate } from '../../src/simulate/simulate';
import { makeCertificates } from '../support/certificates';
import { easyPolicy, embedded, freePort } from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { keywatch } from '../support/keywatch';
import { eventually } from '../support/time';

const makeDirectory = temporaryDirectories();
const secret = 'responder-0123456789abcdef0123456789abc';

async function command(...argv: string[]) {
  const out = new PassThrough();
  const err = new PassThrough();
  const terminal = { out, err, outIsTty: false, errIsTty: false, colour: { out: false, err: false }, width: 80 };
  const exit = await main(argv, { terminal, stop: new AbortController().signal, version: '0' });
  return { exit, said: String(out.read() ?? ''), complaint: String(err.read() ?? '') };
}

/** All that the audit log holds. */
const auditText = (state: string): string =>
  readdirSync(join(state, 'audit'))
    .map((name) => readFileSync(join(state, 'audit', name), 'utf8'))
    .join('');

async function deployment(tls: boolean) {
  const dir = await makeDirectory();
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text, { mode: 0o600 });
    return `file:${join(dir, name)}`;
  };
  const certificate = tls ? makeCertificates(dir).server : undefined;
  const port = await freePort();
  const paths = embedded(dir, {
    policy: easyPolicy,
    api: {
      port,
      tokens: [
        { name: 'duty', role: 'responder', tokenFrom: file('token', `${secret}\n`) },
        { name: 'wall', role: 'viewer', tokenFrom: file('viewer', 'viewer-0123456789abcdef0123456789abcdef') },
      ],
      ...(certificate === undefined
        ? {}
        : { tls: { certFrom: file('cert.pem', certificate.cert), keyFrom: file('key.pem', certificate.key) } }),
    },
  });
  const lines = [...simulate({ seed: 5, keys: 8, days: 6, ratePerKeyDay: 40, thefts: 2 })];
  writeFileSync(paths.input, lines.map(({ record }) => `${formatRecord(record)}\n`).join(''));
  const on = ['-c', paths.config, '--token-from', `file:${join(dir, 'token')}`];
  return { dir, paths, port, on };
}

test('from the log to an incident, feedback, a command in Detect, and back; over a restart', async () => {
  const { dir, paths, port, on } = await deployment(false);
  const run = keywatch(['run', '-c', paths.config]);
  await run.url();
  await eventually(() => run.said().includes('API is up'));
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${secret}` } });
    // biome-ignore lint/suspicious/noExplicitAny: the test looks at any member of an answer.
    return (await answer.json()) as any;
  };
  await eventually(async () => (await get('/v1/incidents')).incidents.length > 0);
  const found = (await get('/v1/incidents?limit=200')).incidents;
  const documents = await Promise.all(found.map(({ id }: { id: string }) => get(`/v1/incidents/${id}`)));
  const one = documents.find(({ document }) =>
    document.keywatch.evidence.some(({ kind }: { kind: string }) => kind === 'statistical'),
  );
  const { facet } = one.document.keywatch.evidence.find(({ kind }: { kind: string }) => kind === 'statistical');

  const shown = await command('key', 'show', one.key, ...on);
  expect([shown.exit, shown.complaint]).toEqual([0, '']);
  expect(shown.said).toContain(one.id);
  expect(shown.said).toContain('known since');

  const said = await command(
    'key',
    'feedback',
    one.key,
    ...on,
    '--incident',
    one.id,
    '--verdict',
    'benign',
    '--facet',
    facet,
    '--json',
  );
  expect([said.exit, said.complaint]).toEqual([0, '']);
  const { feedback } = JSON.parse(said.said);
  expect(feedback).toMatchObject({ verdict: 'benign', facet, by: 'api:duty' });
  await eventually(() => /"mute"/.test(auditText(paths.state)));
  expect(auditText(paths.state)).toContain('giveFeedback');
  expect(auditText(paths.state)).not.toContain(secret);

  // Dry run: a person's suspension is held, and the rail named.
  const held = await command('key', 'suspend', one.key, ...on, '--reason', 'seen elsewhere');
  expect([held.exit, held.complaint]).toEqual([1, expect.stringContaining('dry-run')]);
  const role = await command(
    'key',
    'release',
    one.key,
    '-c',
    paths.config,
    '--token-from',
    `file:${join(dir, 'viewer')}`,
    '--reason',
    'x',
  );
  expect([role.exit, role.complaint]).toEqual([1, expect.stringContaining('responder')]);
  expect(await run.stop()).toBe(0);

  const again = keywatch(['run', '-c', paths.config]);
  await again.url();
  await eventually(() => again.said().includes('API is up'));
  expect((await get(`/v1/incidents/${one.id}`)).feedback).toEqual([feedback]);
  const back = await command('key', 'feedback', one.key, ...on, '--incident', one.id, '--withdraw', feedback.id);
  expect([back.exit, back.said]).toEqual([0, expect.stringContaining('taken back')]);
  await eventually(() => /"unmute"/.test(auditText(paths.state)));
  expect(again.said()).not.toContain(secret);
  expect(await again.stop()).toBe(0);
  expect(await command('key', 'show', 'k', ...on)).toMatchObject({
    exit: 1,
    complaint: expect.stringContaining('no answer'),
  });
}, 90_000);

test('over TLS the command takes the configured certificate and no other', async () => {
  const { dir, paths, on } = await deployment(true);
  const run = keywatch(['run', '-c', paths.config]);
  await run.url();
  await eventually(() => run.said().includes('API is up'));
  expect((await command('key', 'show', 'k', ...on)).exit).toBe(0);
  const other = join(dir, 'other');
  mkdirSync(other);
  writeFileSync(join(dir, 'cert.pem'), makeCertificates(other).server.cert);
  expect(await command('key', 'show', 'k', ...on)).toMatchObject({
    exit: 1,
    complaint: expect.stringContaining('no answer'),
  });
  expect(await run.stop()).toBe(0);
}, 60_000);

test('a token that is too short stops the start and is not shown', async () => {
  const { dir, paths } = await deployment(false);
  writeFileSync(join(dir, 'token'), 'short-secret');
  const run = keywatch(['run', '-c', paths.config]);
  expect(await run.ended()).not.toBe(0);
  expect(run.said()).toContain('api.tokens[0].tokenFrom');
  expect(run.said()).not.toContain('short-secret');
}, 60_000);
