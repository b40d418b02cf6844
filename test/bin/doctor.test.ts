import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { main } from '../../src/bin/main';
import type { CommandContext } from '../../src/options';
import { temporaryDirectories } from '../support/files';

const directory = temporaryDirectories();

const keywatch = async (argv: readonly string[]) => {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const terminal = { out, err, outIsTty: false, errIsTty: false, colour: { out: false, err: false }, width: 80 };
  const context: CommandContext = { terminal, stop: new AbortController().signal, version: '0.0.0' };
  const code = await main(argv, context);
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, out: text(out), err: text(err) };
};

const configuration = async (more: string) => {
  const dir = await directory();
  await mkdir(join(dir, 'state'));
  await writeFile(
    join(dir, 'usage.ndjson'),
    `${JSON.stringify({ ts: '2026-03-01T12:00:00Z', key: 'k_1', ip: '192.0.2.1', method: 'GET', path: '/', status: 200 })}\n`,
  );
  const path = join(dir, 'k.yaml');
  await writeFile(path, `state: { dir: ${join(dir, 'state')} }\n${more.replaceAll('DIR', dir)}\n`);
  return path;
};

test('a sound configuration ends with 0, and its log is recognised', async () => {
  const path = await configuration('source: { kind: file, path: DIR/usage.ndjson }');
  const { code, out, err } = await keywatch(['doctor', '-c', path]);
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('1 records: 1 requests of 1 keys');
  expect(out).toMatch(/\d+ ok, \d warning, 0 failed\n$/);
});

test('a failed check ends with 1; the same as JSON, each with what to do', async () => {
  const path = await configuration('source: { kind: file, path: DIR/none.ndjson }');
  const { code, out } = await keywatch(['doctor', '-c', path, '--json']);
  const { ok, findings } = JSON.parse(out);
  expect([code, ok]).toEqual([1, false]);
  const failed = findings.filter(({ standing }: { standing: string }) => standing === 'failed');
  expect(failed).toEqual([expect.objectContaining({ check: 'log file', saw: expect.stringContaining('ENOENT') })]);
  expect(failed[0].todo).not.toBe(null);
});

test('a secret that is not there is a finding; a bad configuration ends with 2', async () => {
  const path = await configuration(
    'source: { kind: file, path: DIR/usage.ndjson }\ningest: { keyIs: secret, pepperFrom: "env:DOCTOR_NO_PEPPER" }',
  );
  const missing = await keywatch(['doctor', '-c', path]);
  expect(missing.code).toBe(1);
  expect(missing.out).toContain('DOCTOR_NO_PEPPER is not set');
  const bad = await keywatch(['doctor', '-c', await configuration('source: { kind: fire }')]);
  expect([bad.code, bad.out]).toEqual([2, '']);
});

test('status of a process that is not there ends with 1', async () => {
  const path = await configuration('source: { kind: stdin }\nhttp: { port: 1 }');
  const { code, out } = await keywatch(['status', '-c', path]);
  expect(code).toBe(1);
  expect(out).toContain('does not answer at http://127.0.0.1:1 (ECONNREFUSED)');
});
