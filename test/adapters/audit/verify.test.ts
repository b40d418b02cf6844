import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { headIn } from '../../../src/adapters/audit/head';
import { pemOf, publicKeysOf } from '../../../src/adapters/audit/key';
import { type AuditRecord, seal } from '../../../src/adapters/audit/line';
import { verifyAudit, type Witness } from '../../../src/adapters/audit/verify';
import { entry, openTestLog, segmentFiles, testKey, verifyIndependently } from '../../support/audit';
import { temporaryDirectories } from '../../support/files';

const directory = temporaryDirectories();
const golden = join(__dirname, 'golden-audit.ndjson');
const goldenKey = join(__dirname, 'golden-public-key.pem');

/** Lines of a log of 3 segments, and the head at its end. */
let lines: string[];
let sizes: number[];
let names: string[];
let last: Witness;

beforeAll(async () => {
  const dir = await directory();
  const { log, clock } = await openTestLog(dir);
  for (let n = 1; n <= 20; n += 1) {
    await log.record(entry(n));
    if (n % 7 === 0) await clock.advance(86_400_000);
  }
  await log.close();
  const texts = segmentFiles(dir).map((path) => readFileSync(path, 'utf8').split('\n').slice(0, -1));
  names = segmentFiles(dir).map((path) => basename(path));
  lines = texts.flat();
  sizes = texts.map((text) => text.length);
  last = headIn(JSON.parse(lines.at(-1)!))!;
});

/** Lays lines out as they lay, those that are too many in the last file, and verifies. */
async function judged(
  changed: readonly string[],
  witnesses: readonly Witness[] = [],
  publicKeys = [testKey.publicKey],
) {
  const dir = mkdtempSync(join(tmpdir(), 'keywatch-test-'));
  try {
    let from = 0;
    const files = names.map((name, i) => {
      const to = i === names.length - 1 ? changed.length : Math.min(changed.length, from + sizes[i]);
      const path = join(dir, name);
      writeFileSync(
        path,
        changed
          .slice(from, to)
          .map((line) => `${line}\n`)
          .join(''),
      );
      from = to;
      return path;
    });
    return await verifyAudit({ files, publicKeys, witnesses });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const at = () => fc.nat(lines.length - 1);
const seqAt = (index: number) => (JSON.parse(lines[index]) as AuditRecord).seq;
const runs = { numRuns: 60 };

test('the whole log is whole, with a head from outside too', async () => {
  expect(await judged(lines, [last])).toMatchObject({
    fault: undefined,
    records: lines.length,
    unsigned: 0,
    notes: [],
  });
});

describe('whoever changes the log is found out, at the first record that is not what it was', () => {
  test('a byte changed', async () => {
    await fc.assert(
      fc.asyncProperty(at(), fc.nat(), fc.integer({ min: 33, max: 126 }), async (index, offset, code) => {
        const line = lines[index];
        const place = offset % line.length;
        const changed = `${line.slice(0, place)}${String.fromCharCode(code)}${line.slice(place + 1)}`;
        fc.pre(changed !== line);
        const { fault } = await judged(lines.with(index, changed));
        expect(fault?.seq).toBe(index === 0 ? undefined : seqAt(index));
      }),
      runs,
    );
  });

  test('records cut out of the front or the middle', async () => {
    await fc.assert(
      fc.asyncProperty(at(), fc.integer({ min: 1, max: 8 }), async (index, count) => {
        fc.pre(index + count < lines.length);
        const { fault } = await judged([...lines.slice(0, index), ...lines.slice(index + count)]);
        // At the front only a head that is left can say what should stand there.
        const left = lines.slice(index + count).some((line) => line.includes('"kind":"head"'));
        expect(fault?.seq).toBe(index === 0 && !left ? seqAt(count) : seqAt(index));
      }),
      runs,
    );
  });

  test('records cut off the end, in the face of a head that lies elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 25 }), async (count) => {
        fc.pre(count < lines.length);
        const kept = lines.slice(0, lines.length - count);
        const { fault } = await judged(kept, [last]);
        // The last line is the head that was given: without it alone, all that it tells of is there.
        if (count === 1) expect(fault).toBeUndefined();
        else expect(fault?.seq).toBe(seqAt(kept.length));
      }),
      runs,
    );
  });

  test('records swapped', async () => {
    await fc.assert(
      fc.asyncProperty(at(), at(), async (one, other) => {
        fc.pre(one !== other);
        const swapped = lines.with(one, lines[other]).with(other, lines[one]);
        const { fault } = await judged(swapped);
        const first = Math.min(one, other);
        if (first === 0) expect(fault).toMatchObject({ file: names[0], line: 1 });
        else expect(fault?.seq).toBe(seqAt(first));
      }),
      runs,
    );
  });

  test('a record inserted: a copy, one of another log, or one made to fit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), at(), fc.boolean(), async (index, from, fitting) => {
        fc.pre(index < lines.length);
        const before = JSON.parse(lines[index - 1]) as AuditRecord;
        const made = seal({
          ...before,
          seq: before.seq + 1,
          kind: 'action',
          detail: {},
          prev: before.hash,
        }).line.trimEnd();
        const { fault } = await judged([...lines.slice(0, index), fitting ? made : lines[from], ...lines.slice(index)]);
        // One that fits is followed by one that does not, or is one too many before the next head.
        const wanted = seqAt(index);
        expect(fitting || from === index ? [wanted, wanted + 1] : [wanted]).toContain(fault?.seq);
      }),
      runs,
    );
  });

  test('one record changed and all hashes after it made anew: the next head does not fit', async () => {
    await fc.assert(
      fc.asyncProperty(at(), async (index) => {
        fc.pre(!lines[index].includes('"kind":"head"'));
        let prev = '';
        const forged = lines.map((line, i) => {
          const record = JSON.parse(line) as AuditRecord;
          const detail = i === index ? { nothing: 'happened' } : record.detail;
          const sealed = seal({ ...record, detail, prev: prev || record.prev });
          prev = sealed.hash;
          return sealed.line.trimEnd();
        });
        const next = lines.findIndex((line, i) => i > index && line.includes('"kind":"head"'));
        const { fault } = await judged(forged);
        expect(fault).toMatchObject({
          seq: seqAt(next),
          what: expect.stringContaining('not signed by the public key'),
        });
        // Nor do all heads left out help: one was due, or is known elsewhere.
        const headless = forged.filter((line, i) => i <= index || !line.includes('"kind":"head"'));
        expect((await judged(headless, [last])).fault).toBeDefined();
      }),
      runs,
    );
  });
});

test('a log begun anew is not the one that the given head is of', async () => {
  const { fault } = await judged(lines, [{ ...last, chain: 'other' }]);
  expect(fault?.what).toContain('another chain');
});

test('a key that is not the signer’s, and no key', async () => {
  const other = generateKeyPairSync('ed25519').publicKey;
  expect((await judged(lines, [], [other])).fault).toMatchObject({
    line: 1,
    what: expect.stringContaining('not signed by'),
  });
  expect((await judged(lines, [], [other, testKey.publicKey])).fault).toBeUndefined();
  expect((await judged(lines, [], [])).fault).toBeUndefined();
});

test('a line behind which the process was killed is told of and no fault', async () => {
  const dir = await directory();
  const path = join(dir, names[0]);
  writeFileSync(path, `${lines[0]}\n${lines[1].slice(0, 40)}`);
  const report = await verifyAudit({ files: [path], publicKeys: [testKey.publicKey], witnesses: [] });
  expect(report).toMatchObject({ fault: undefined, records: 1, notes: [expect.stringContaining('40 bytes')] });
});

test('public keys: several in one file, and nothing else', () => {
  const two = pemOf(testKey.publicKey) + pemOf(generateKeyPairSync('ed25519').publicKey);
  expect(publicKeysOf(two)).toHaveLength(2);
  expect(() => publicKeysOf('-----BEGIN PRIVATE KEY-----')).toThrow('no public key');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  expect(() => publicKeysOf(pemOf(rsa))).toThrow('no Ed25519 key');
});

test('a file written by an earlier version stays verifiable, by us and by a verifier of its own', async () => {
  const publicKeys = publicKeysOf(readFileSync(goldenKey, 'utf8'));
  const report = await verifyAudit({ files: [golden], publicKeys, witnesses: [] });
  expect(report).toMatchObject({ fault: undefined, records: 9, heads: 3, first: 1, last: 9 });
  expect(verifyIndependently([golden], readFileSync(goldenKey, 'utf8'))).toEqual({ records: 9, heads: 3 });
  // And so is what is written today.
  const dir = await directory();
  const copy = join(dir, names[0]);
  copyFileSync(golden, copy);
  const { log } = await openTestLog(dir);
  await log.record(entry(7));
  await log.close();
  expect((await verifyAudit({ files: segmentFiles(dir), publicKeys, witnesses: [] })).fault).toBeUndefined();
});
