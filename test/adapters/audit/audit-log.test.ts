import { copyFileSync, mkdirSync, readFileSync, rmdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  exportPublicKey,
  keptSigningKey,
  pemOf,
  SIGNING_KEY_FILE,
  signingKeyOf,
} from '../../../src/adapters/audit/key';
import type { AuditRecord } from '../../../src/adapters/audit/line';
import { verifyAudit } from '../../../src/adapters/audit/verify';
import type { AuditDetail } from '../../../src/domain/audit';
import { entry, openTestLog, segmentFiles, testKey, verifyIndependently } from '../../support/audit';
import { temporaryDirectories } from '../../support/files';

const directory = temporaryDirectories();
const DAY = 86_400_000;

const recordsOf = (dir: string): AuditRecord[] =>
  segmentFiles(dir).flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
  );

const check = (dir: string) =>
  verifyAudit({ files: segmentFiles(dir), publicKeys: [testKey.publicKey], witnesses: [] });

test('what was recorded is on disk when it resolves, in order, behind a head and with one every so many records', async () => {
  const dir = join(await directory(), 'audit');
  const { log } = await openTestLog(dir);
  await Promise.all([1, 2, 3, 4, 5, 6].map((n) => log.record(entry(n))));
  const records = recordsOf(dir);
  expect(records.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
    'head ',
    'action k_1',
    'action k_2',
    'action k_3',
    'action k_4',
    'action k_5',
    'head ',
    'action k_6',
  ]);
  expect(records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(log.head()).toMatchObject({ covers: 6, start: 1 });
  await log.close();
  expect(recordsOf(dir).at(-1)).toMatchObject({ kind: 'head', seq: 9 });
  expect(await check(dir)).toMatchObject({ records: 9, heads: 3, fault: undefined });
  expect(verifyIndependently(segmentFiles(dir), pemOf(testKey.publicKey))).toEqual({ records: 9, heads: 3 });
  await expect(log.record(entry(7))).rejects.toThrow('closed');
});

test('a head comes with time too, but only where something was recorded', async () => {
  const dir = await directory();
  const { log, clock } = await openTestLog(dir);
  await clock.advance(2 * 3_600_000);
  await log.tick();
  expect(log.head()?.covers).toBe(0);
  await log.record(entry(1));
  await log.tick();
  expect(log.head()?.covers).toBe(2);
  await log.close();
});

test('files are readable by their owner only', async () => {
  const state = await directory();
  const { key, made } = await keptSigningKey(state);
  const { log } = await openTestLog(join(state, 'audit'), { key });
  await log.record(entry(1));
  await log.close();
  const exported = await exportPublicKey(join(state, 'audit'), key);
  const files = [...segmentFiles(join(state, 'audit')), join(state, SIGNING_KEY_FILE), exported];
  expect(files.map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  expect(made).toBe(true);
  // The same key the next time, and the public one is not written twice.
  const again = await keptSigningKey(state);
  await exportPublicKey(join(state, 'audit'), again.key);
  expect([again.made, again.key.fingerprint, readFileSync(exported, 'utf8')]).toEqual([
    false,
    key.fingerprint,
    pemOf(key.publicKey),
  ]);
});

test('a signing key that is none is refused and not repeated', () => {
  expect(() => signingKeyOf('-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----')).toThrow(
    /^audit\.signingKeyFrom: expected a private Ed25519 key in PEM/,
  );
});

test('hostile texts stay on one line, bounded, and secrets do not come to rest', async () => {
  const dir = await directory();
  const { log } = await openTestLog(dir);
  const hostile = 'a\nb\r\u2028c\u2029\u001b[31md\u0000\ud800\u202e","hash":"0"}\n{"seq":1';
  await log.record({
    kind: 'api',
    by: `api:${hostile}`,
    subject: hostile.repeat(1_000),
    detail: {
      [hostile]: hostile,
      long: 'x '.repeat(10_000),
      list: Array(1_000).fill(hostile),
      token: 'Bearer abcdefghijklmnop',
      number: Number.NaN,
      digest: 'a1'.repeat(32),
      gone: undefined,
      ...Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`n${i}`, i])),
    },
  });
  await log.record({ kind: 'action', by: 'keywatch', subject: 'h1:abcdefghijklmnopqrstuv', detail: {} });
  await log.record({ kind: 'api', by: 'x', subject: 'sk_live_4eC39HqLyjWDarjtT1zdp7dc', detail: {} });
  await log.close();
  const text = readFileSync(segmentFiles(dir)[0], 'utf8');
  expect(text.split('\n')).toHaveLength(6);
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u2028\u2029\u202e\ufffe]|abcdefghijklmnop"|4eC39H/);
  const [, first, second, third] = recordsOf(dir);
  expect(Object.keys(first.detail)).toHaveLength(32);
  expect((first.detail as AuditDetail).digest).toBe('a1'.repeat(32));
  expect(first.subject.length).toBe(1_024);
  expect(text.length).toBeLessThan(100_000);
  expect([second.subject, third.subject]).toEqual(['h1:abcdefghijklmnopqrstuv', 'REDACTED']);
  expect(await check(dir)).toMatchObject({ fault: undefined, records: 5 });
});

test('a crash at any byte: what resolved is there, the rest is cut off, and that is recorded', async () => {
  const dir = await directory();
  const { log } = await openTestLog(dir);
  for (let n = 1; n <= 7; n += 1) await log.record(entry(n));
  const [path] = segmentFiles(dir);
  const whole = readFileSync(path);
  const ends = [...whole].flatMap((byte, i) => (byte === 0x0a ? [i + 1] : []));
  await log.close();
  for (let length = 0; length <= whole.length; length += 43) {
    const copy = join(dir, `at-${length}`);
    mkdirSync(copy);
    writeFileSync(join(copy, basename(path)), whole.subarray(0, length));
    const { log: again } = await openTestLog(copy);
    await again.record(entry(99));
    await again.close();
    const kept = ends.filter((end) => end <= length);
    const torn = length - (kept.at(-1) ?? 0);
    const records = recordsOf(copy);
    expect(records.filter(({ kind }) => kind === 'torn').map(({ detail }) => detail.bytes)).toEqual(
      torn > 0 ? [torn] : [],
    );
    expect(records.filter(({ subject }) => subject === 'k_99')).toHaveLength(1);
    expect(await check(copy)).toMatchObject({ fault: undefined });
    if (kept.length > 0)
      expect(readFileSync(segmentFiles(copy)[0]).subarray(0, kept.at(-1))).toEqual(whole.subarray(0, kept.at(-1)));
  }
});

test('after damage to whole lines nothing is removed; it goes on in a new segment and says so', async () => {
  const dir = await directory();
  const { log } = await openTestLog(dir);
  for (let n = 1; n <= 4; n += 1) await log.record(entry(n));
  await log.close();
  const [path] = segmentFiles(dir);
  const edited = readFileSync(path, 'utf8').replace('"k_2"', '"k_9"');
  writeFileSync(path, edited);
  const { log: again } = await openTestLog(dir);
  await again.record(entry(5));
  await again.close();
  expect(readFileSync(path, 'utf8')).toBe(edited);
  expect(segmentFiles(dir)).toHaveLength(2);
  expect(recordsOf(dir).find(({ kind }) => kind === 'damaged')?.detail).toMatchObject({
    file: basename(path),
    line: 3,
  });
  expect((await check(dir)).fault).toMatchObject({ file: basename(path), line: 3, seq: 3 });
});

describe('segments', () => {
  const fill = async (dir: string, options = {}) => {
    const { log, clock } = await openTestLog(dir, options);
    for (let n = 1; n <= 20; n += 1) {
      await log.record(entry(n));
      await clock.advance(DAY);
      await log.tick();
    }
    return { log, clock };
  };

  test('one a day and by size; old ones go, and the rest is whole', async () => {
    const dir = await directory();
    const { log } = await fill(dir, { keepMs: 5 * DAY });
    await log.close();
    const files = segmentFiles(dir);
    expect(files.length).toBeLessThan(9);
    expect(recordsOf(dir)[0].seq).toBeGreaterThan(20);
    const report = await check(dir);
    expect(report.fault).toBeUndefined();
    expect(report.first).toBe(log.head()!.start);
    expect(verifyIndependently(files, pemOf(testKey.publicKey)).records).toBe(report.records);
  });

  test('the oldest go while all are too large', async () => {
    const dir = await directory();
    const { log } = await openTestLog(dir, { segmentBytes: 2_000, maxBytes: 10_000 });
    for (let n = 1; n <= 100; n += 1) {
      await log.record(entry(n));
      await log.tick();
    }
    await log.close();
    const bytes = segmentFiles(dir).reduce((sum, path) => sum + statSync(path).size, 0);
    expect(bytes).toBeLessThan(14_000);
    expect((await check(dir)).fault).toBeUndefined();
  });

  test('a crash between the head and the deletion: the next start deletes', async () => {
    const dir = await directory();
    const saved = await directory();
    const { log } = await openTestLog(dir, { segmentBytes: 1_000, maxBytes: 4_000 });
    for (let n = 1; n <= 20; n += 1) {
      await log.record(entry(n));
      for (const path of segmentFiles(dir)) copyFileSync(path, join(saved, basename(path)));
      await log.tick();
    }
    await log.close();
    for (const path of segmentFiles(dir)) copyFileSync(path, join(saved, basename(path)));
    expect(segmentFiles(saved).length).toBeGreaterThan(segmentFiles(dir).length);
    expect((await check(saved)).fault).toBeUndefined();
    const { log: again } = await openTestLog(saved);
    await again.close();
    expect(segmentFiles(saved).map((path) => basename(path))).toEqual(segmentFiles(dir).map((path) => basename(path)));
  });
});

test('what one head promised holds after the interval was made longer', async () => {
  const dir = await directory();
  const { log } = await openTestLog(dir, { headEvery: { records: 2, ms: DAY } });
  await log.record(entry(1));
  // No close: a crash.
  const { log: again } = await openTestLog(dir, { headEvery: { records: 100, ms: DAY } });
  for (let n = 2; n <= 50; n += 1) await again.record(entry(n));
  expect((await check(dir)).fault).toBeUndefined();
  await again.close();
  await log.close();
});

test('a disk that refuses: the entry is rejected, told of, and the chain goes on without it', async () => {
  const dir = await directory();
  const { log } = await openTestLog(dir, { segmentBytes: 1 });
  await log.record(entry(1));
  // The next segment's name is taken by a directory.
  const next = join(dir, 'audit-0000000000000004.ndjson');
  mkdirSync(next);
  await expect(log.record(entry(2))).rejects.toThrow();
  expect(log.problem()).toContain('the audit log cannot be written');
  rmdirSync(next);
  await log.record(entry(3));
  expect(log.problem()).toBeUndefined();
  await log.close();
  expect(recordsOf(dir).map(({ subject }) => subject)).not.toContain('k_2');
  expect((await check(dir)).fault).toBeUndefined();
});

test('a file cut short from outside before the next start is found by the head that somebody kept', async () => {
  const dir = await directory();
  const { log } = await openTestLog(dir);
  for (let n = 1; n <= 4; n += 1) await log.record(entry(n));
  await log.close();
  const kept = log.head()!;
  const [path] = segmentFiles(dir);
  const lines = readFileSync(path, 'utf8').split('\n');
  truncateSync(path, lines.slice(0, 3).join('\n').length + 1);
  const { log: again } = await openTestLog(dir);
  for (let n = 10; n <= 30; n += 1) await again.record(entry(n));
  await again.close();
  const files = segmentFiles(dir);
  expect((await verifyAudit({ files, publicKeys: [testKey.publicKey], witnesses: [] })).fault).toBeUndefined();
  const report = await verifyAudit({ files, publicKeys: [testKey.publicKey], witnesses: [kept] });
  expect(report.fault).toMatchObject({ seq: kept.covers, what: expect.stringContaining('given head') });
});
