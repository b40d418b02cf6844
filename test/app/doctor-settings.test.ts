import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { settingFindings } from '../../src/app/doctor-settings';
import { findingsText } from '../../src/bin/doctor';
import { configSchema } from '../../src/config';
import { makeCertificates } from '../support/certificates';
import { temporaryDirectories } from '../support/files';

const directory = temporaryDirectories();
let dir: string;
beforeEach(async () => {
  dir = await directory();
});

const file = (name: string, text: string): string => {
  const path = join(dir, name);
  writeFileSync(path, text);
  chmodSync(path, 0o600);
  return `file:${path}`;
};
const look = async (given: object) => {
  const config = configSchema.parse({ source: { kind: 'stdin' }, state: { dir }, ...given });
  const findings = await settingFindings(config);
  for (const { standing, todo } of findings) expect(todo === undefined).toBe(standing === 'ok');
  return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
};
const viewer = (tokenFrom: string) => ({ name: 'viewer', role: 'viewer', tokenFrom });
const GOOD = 'a'.repeat(64);

const occupied = async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
};

test('without any of it, only the audit key is told of, which the first start makes', async () => {
  expect(Object.keys(await look({}))).toEqual(['audit signing key']);
  expect((await look({}))['audit signing key']).toMatchObject({
    standing: 'ok',
    saw: expect.stringContaining('none yet'),
  });
});

test('a port that another process has fails; one that the running keywatch has is fine', async () => {
  const { port, close } = await occupied();
  const api = { port, tokens: [viewer(file('token', GOOD))] };
  try {
    expect((await look({ api }))['API port']).toMatchObject({
      standing: 'failed',
      saw: expect.stringContaining('EADDRINUSE'),
    });
    writeFileSync(join(dir, 'lock'), String(process.ppid));
    expect((await look({ api }))['API port']).toMatchObject({ standing: 'ok' });
  } finally {
    await close();
  }
  // Looking left nothing behind that listens.
  expect((await look({ api }))['API port']).toMatchObject({ standing: 'ok', saw: `127.0.0.1:${port} is free` });
  expect((await look({ api }))['API port']).toMatchObject({ standing: 'ok' });
  const elsewhere = { ...api, host: '192.0.2.1', allowHttp: true };
  expect((await look({ api: elsewhere }))['API port']).toMatchObject({ standing: 'failed' });
});

test('tokens, peppers and keys are looked at, and none is told', async () => {
  const short = 'short-secret-1';
  const findings = await look({
    api: { port: 0, tokens: [viewer(file('short', short)), { ...viewer('env:KEYWATCH_NO_SUCH'), name: 'gone' }] },
    ingest: { pepperFrom: file('pepper', GOOD) },
    privacy: { addresses: 'hash', pepperFrom: file('weak', short) },
    audit: { signingKeyFrom: file('audit.pem', `-----BEGIN PRIVATE KEY-----\n${short}\n-----END PRIVATE KEY-----\n`) },
  });
  expect(Object.values(findings).map(({ check, standing }) => [check, standing])).toEqual([
    ['API port', 'ok'],
    ['API token viewer', 'failed'],
    ['API token gone', 'failed'],
    ['audit signing key', 'failed'],
    ['ingest.pepperFrom', 'ok'],
    ['privacy.pepperFrom', 'warning'],
  ]);
  const text = findingsText(Object.values(findings));
  expect(text).not.toContain(short);
  expect(text).not.toContain(GOOD);
});

test('an audit key that is one is told by its fingerprint, where it is kept, too', async () => {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const given = await look({ audit: { signingKeyFrom: file('audit.pem', pem) } });
  file('audit-signing-key.pem', pem);
  const kept = await look({});
  expect(given['audit signing key'].saw).toMatch(/^fingerprint [0-9a-f]{32}$/);
  expect(kept['audit signing key']).toEqual(given['audit signing key']);
  file('audit-signing-key.pem', 'nonsense');
  expect((await look({}))['audit signing key']).toMatchObject({ standing: 'failed' });
});

test('a certificate with another private key fails', async () => {
  const { server, client } = makeCertificates(dir);
  const certFrom = file('cert.pem', server.cert);
  const inbound = (key: string) => ({ inbound: { port: 0, tls: { certFrom, keyFrom: file('key.pem', key) } } });
  expect((await look(inbound(server.key)))['inbound certificate']).toMatchObject({ standing: 'ok' });
  const other = (await look(inbound(client.key)))['inbound certificate'];
  expect(other).toMatchObject({ standing: 'failed' });
  expect(JSON.stringify(other)).not.toContain('PRIVATE');
});
