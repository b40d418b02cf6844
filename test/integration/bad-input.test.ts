import { writeFileSync } from 'node:fs';
import type { DeadLetter, RejectReason } from '../../src/domain/rejection';
import { documentsIn, embedded, positionIn } from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { keywatch } from '../support/keywatch';

const makeDirectory = temporaryDirectories();
const START = Date.UTC(2026, 0, 5);

/** Good records of two keys, a minute apart, beginning with the `n`th. */
const good = (count: number, n = 0) =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({ ts: START + (n + i) * 60_000, key: `key-${i % 2}`, path: '/v1/orders', status: 200 }),
  );
const record = (over: object) => JSON.stringify({ ts: START, key: 'key-1', ...over });

const bad: readonly (readonly [name: string, reason: RejectReason, line: string | Buffer])[] = [
  ['not JSON', 'not-json', 'hello, world'],
  ['half a record', 'not-json', '{"ts":1,"key":"a"'],
  ['no object', 'not-object', '[1]'],
  ['a wrong type', 'wrong-type', record({ status: 'fine' })],
  ['a key that is a list', 'wrong-type', record({ key: ['a'] })],
  ['no time', 'missing-field', '{"key":"key-1"}'],
  ['ten megabytes', 'too-large', record({ path: 'x'.repeat(10 * 1024 * 1024) })],
  ['deep nesting', 'too-deep', `{"ts":${START},"key":"a","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
  ['no time at all', 'bad-time', record({ ts: 'yesterday' })],
  ['a year that is not', 'time-impossible', record({ ts: 1e17 })],
  ['a time in seconds', 'time-impossible', record({ ts: START / 1_000 })],
  ['a key of more than 1 KB', 'key-too-long', record({ key: 'k'.repeat(1_025) })],
  ['a lone surrogate in the key', 'bad-text', `{"ts":${START},"key":"a\\ud800b"}`],
  ['NUL in the key', 'bad-text', `{"ts":${START},"key":"a\\u0000b"}`],
  ['an address that is none', 'bad-address', record({ ip: '300.1.2.3' })],
  ['gzip', 'unsupported-encoding', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3])],
  ['binary', 'unsupported-encoding', Buffer.from([0, 0, 0, 0, 7, 1, 2, 3])],
];

/** Odd, but a usage event all the same. */
const odd = [
  `{"__proto__":{"key":"polluted","status":"x"},"constructor":1,"ts":${START},"key":"key-1"}`,
  `{"ts":${START},"key":"__proto__","tenant":"constructor","userAgent":"a\\ud800b\\u0000c","path":"/__proto__"}`,
  Buffer.concat([
    Buffer.from(`{"ts":${START},"key":"key-0","userAgent":"`),
    Buffer.from([0xff, 0xfe, 0xc3]),
    Buffer.from('"}'),
  ]),
];

async function runOver(lines: readonly (string | Buffer)[], settings: object = {}) {
  const dir = await makeDirectory();
  const paths = embedded(dir, { source: { kind: 'file', path: `${dir}/access.ndjson`, follow: true }, ...settings });
  writeFileSync(paths.input, Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')])));
  const run = keywatch(['run', '-c', paths.config]);
  await run.url();
  while (positionIn(paths.state) < lines.length) {
    if (run.child.exitCode !== null) throw new Error(`keywatch ended: ${run.said()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const counted = {
    events: await run.metric('keywatch_events_total'),
    records: await run.metric('keywatch_records_consumed_total'),
    rejected: await run.metric('keywatch_rejected_total'),
    letters: await run.metric('keywatch_dead_letters_total'),
  };
  const ready = await fetch(`${await run.url()}/readyz`).then((answer) => answer.status);
  expect([await run.stop(), run.said()]).toEqual([0, run.said()]);
  return { counted, ready, letters: documentsIn<DeadLetter>(paths.deadLetters) };
}

test('every kind of bad record is a dead letter with reason and position, and the stream goes on', async () => {
  const before = good(40);
  const between = bad.flatMap(([, , line], i) => [line, ...good(1, 40 + i)]);
  const after = [...odd, ...good(40, 100)];
  const { counted, ready, letters } = await runOver([...before, ...between, ...after]);
  expect(letters.map(({ reason, position }) => [reason, position.offset])).toEqual(
    bad.map(([, reason], i) => [reason, before.length + 2 * i]),
  );
  for (const letter of letters) {
    expect(letter.position).toMatchObject({ partition: 0, index: 0 });
    expect(letter.source).toMatch(/^file:/);
    expect(letter.detail).not.toMatch(/kkkk|xxxx|yesterday|polluted|300\.1/);
  }
  expect(counted.events).toBe(before.length + bad.length + after.length);
  expect(counted.records).toBe(before.length + 2 * bad.length + after.length);
  expect(counted.rejected).toBe(bad.length);
  expect(ready).toBe(200);
});

test('thousands of bad records in a row stop nothing; what goes beyond the cap is counted', async () => {
  const flood = Array.from({ length: 3_000 }, (_, i) => `bad record ${i}`);
  const { counted, letters } = await runOver([...good(40), ...flood, ...good(40, 40)], {
    ingest: { format: 'keywatch', deadLettersPerSecond: 50 },
  });
  expect(counted).toEqual({ events: 80, records: 3_080, rejected: 3_000, letters: 3_000 });
  expect(letters.length).toBeGreaterThanOrEqual(50);
  expect(letters.length).toBeLessThan(3_000);
  expect(letters.slice(0, 50).map(({ position }) => position.offset)).toEqual(
    Array.from({ length: 50 }, (_, i) => 40 + i),
  );
});

test('below the cap no dead letter is lost, however fast they come', async () => {
  const flood = Array.from({ length: 3_000 }, (_, i) => `bad record ${i}`);
  const { letters } = await runOver([...good(40), ...flood], {
    ingest: { format: 'keywatch', deadLettersPerSecond: 100_000 },
  });
  expect(letters.map(({ position }) => position.offset)).toEqual(flood.map((_, i) => 40 + i));
});

test('a bad configuration: every fault at once with its place, and exit 2', async () => {
  const dir = await makeDirectory();
  const paths = embedded(dir, {
    source: { kind: 'file', pth: 'x' },
    detect: { lateness: 'soon' },
    http: { port: 99_999 },
    ingest: { format: 'apache', trustedProxies: ['not an address'] },
    enforce: { mode: 'enforce', webhook: { url: 'ftp://a.example', secretFrom: 'hunter2hunter2' } },
  });
  const run = keywatch(['run', '-c', paths.config]);
  expect(await run.ended()).toBe(2);
  for (const place of [
    'source.path',
    'source.pth',
    'detect.lateness',
    'http.port',
    'ingest.format',
    'ingest.trustedProxies[0]',
    'enforce.webhook.url',
    'enforce.webhook.secretFrom',
  ])
    expect(run.said()).toContain(`${place}: `);
  expect(run.said()).toMatch(/expected/);
  expect(run.said()).not.toContain('hunter2');
  expect(run.printed()).toBe('');
});
