import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { exportPublicKey } from '../../src/adapters/audit/key';
import { tellHead } from '../../src/adapters/audit/notice';
import { main } from '../../src/bin/main';
import type { CommandContext } from '../../src/options';
import { entry, openTestLog, segmentFiles, testKey } from '../support/audit';
import { temporaryDirectories } from '../support/files';

const directory = temporaryDirectories();

const keywatch = async (...argv: string[]) => {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const terminal = { out, err, outIsTty: false, errIsTty: false, colour: { out: false, err: false }, width: 80 };
  const context: CommandContext = { terminal, stop: new AbortController().signal, version: '0.0.0' };
  const code = await main(argv, context);
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, out: text(out), err: text(err) };
};

async function written() {
  const root = await directory();
  const dir = join(root, 'audit');
  const { log } = await openTestLog(dir);
  for (let n = 1; n <= 3; n += 1) await log.record(entry(n));
  await log.record({ kind: 'release', by: 'anna\u202e', subject: 'k_1', detail: { reason: 'false\u001b[31m alarm' } });
  await log.close();
  await exportPublicKey(dir, testKey);
  const key = join(root, 'public.pem');
  writeFileSync(key, readFileSync(join(dir, 'public-key.pem')));
  return { dir, key, head: tellHead(log.head()!, 'enforce'), path: segmentFiles(dir)[0] };
}

describe('keywatch audit verify', () => {
  test('a whole log, with key and head from elsewhere, in whatever shape the SIEM gives it', async () => {
    const { dir, key, head, path } = await written();
    const file = join(await directory(), 'heads.ndjson');
    writeFileSync(file, `${JSON.stringify({ _source: head })}\n${JSON.stringify(head)}\n`);
    const shapes = [JSON.stringify(head), JSON.stringify(head.keywatch.audit), file];
    for (const shape of shapes) {
      const { code, out, err } = await keywatch('audit', 'verify', dir, '--public-key', key, '--head', shape);
      expect([code, err]).toEqual([0, '']);
      expect(out).toMatch(
        /^ok {3}records 1 to 6 of chain \S+, the last at 2026-11-24T12:00:00\.000Z\n {5}2 signed heads; \d from elsewhere fit/,
      );
    }
    expect((await keywatch('audit', 'verify', path, '--public-key', key)).code).toBe(0);
  });

  test('the key beside the log is used, and what that is worth is said', async () => {
    const { dir, path } = await written();
    expect((await keywatch('audit', 'verify', dir)).err).toContain('the public key lies beside the log');
    expect((await keywatch('audit', 'verify', path)).err).toContain('signatures are not checked');
  });

  test('an edit ends with 1, with file, line and record', async () => {
    const { dir, key, path } = await written();
    writeFileSync(path, readFileSync(path, 'utf8').replace('"k_2"', '"k_7"'));
    const { code, out } = await keywatch('audit', 'verify', dir, '--public-key', key);
    expect(code).toBe(1);
    expect(out).toContain(
      'BAD  audit-0000000000000001.ndjson:3 (record 3): its content is not what its hash was made of\n     2 records before it fit together',
    );
  });

  test('the end cut off is seen by the head that was kept, and by it alone', async () => {
    const { dir, key, head, path } = await written();
    writeFileSync(path, `${readFileSync(path, 'utf8').split('\n').slice(0, 3).join('\n')}\n`);
    expect((await keywatch('audit', 'verify', dir, '--public-key', key)).code).toBe(0);
    const { code, out } = await keywatch('audit', 'verify', dir, '--public-key', key, '--head', JSON.stringify(head));
    expect([code, out]).toEqual([1, expect.stringContaining('records 4 to 5 are missing: cut at the end')]);
  });

  test('what is no head, no key, no log', async () => {
    const { dir, key } = await written();
    const empty = await directory();
    const tries = [
      ['audit', 'verify', dir, '--public-key', key, '--head', '{"a":1}'],
      ['audit', 'verify', dir, '--public-key', join(dir, 'audit-0000000000000001.ndjson')],
      ['audit', 'verify', empty],
      ['audit', 'verify', join(empty, 'none')],
    ];
    const answers = await Promise.all(tries.map((argv) => keywatch(...argv)));
    expect(answers.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
    expect(answers.map(({ err }) => /no head in it|no public key in it|no audit log in|ENOENT/.test(err))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect((await keywatch('audit', 'prove', dir)).code).toBe(64);
    expect((await keywatch('audit', 'show', dir, '--head', 'x')).code).toBe(64);
    expect((await keywatch('audit', 'verify')).err).toContain('a folder or file is missing');
  });
});

test('keywatch audit show is safe for a terminal and can be narrowed', async () => {
  const { dir } = await written();
  const all = await keywatch('audit', 'show', dir);
  expect(all.code).toBe(0);
  expect(all.out.trimEnd().split('\n')).toHaveLength(6);
  expect(all.out).not.toMatch(/[\u001b\u202e]/);
  const releases = await keywatch('audit', 'show', dir, '--kind', 'release');
  expect(releases.out).toContain('release    anna');
  expect(releases.out.trimEnd().split('\n')).toHaveLength(1);
});
