import fc from 'fast-check';
import { usageEventRecord } from '../../../src/domain/event';
import { createClientAddress } from '../../../src/ingest/client-address';
import { faultOf, keywatchDecoder } from '../../../src/ingest/decoders/keywatch';

const context = { keyField: '', clientAddress: createClientAddress([]) };

const pad = (n: number, width = 2) => String(n).padStart(width, '0');
/** Times near the border of what the schema takes: impossible days, missing parts, odd zones and fractions. */
const time = fc
  .record({
    year: fc.constantFrom(0, 1900, 1999, 2000, 2023, 2024, 2100, 9999),
    month: fc.integer({ min: 0, max: 13 }),
    day: fc.constantFrom(0, 1, 28, 29, 30, 31, 32),
    hour: fc.constantFrom(0, 23, 24),
    minute: fc.constantFrom(0, 59, 60),
    second: fc.constantFrom(0, 59, 60),
    fraction: fc.constantFrom('', '.', '.1', '.123', '.123456789', '.12a'),
    zone: fc.constantFrom('Z', 'z', '', '+00:00', '-05:30', '+23:59', '+24:00', '+0100', ' Z', 'Z '),
    separator: fc.constantFrom('T', 't', ' '),
  })
  .map(
    (t) =>
      `${pad(t.year, 4)}-${pad(t.month)}-${pad(t.day)}${t.separator}${pad(t.hour)}:${pad(t.minute)}:${pad(t.second)}${t.fraction}${t.zone}`,
  );
const goodTime = fc
  .date({ min: new Date('2001-01-01'), max: new Date('2099-01-01'), noInvalidDate: true })
  .map((d) => d.toISOString());

const text = (max: number) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.string({ maxLength: 20, unit: 'binary' }) },
    fc.constantFrom('', 'x'.repeat(max), 'x'.repeat(max + 1), '😀'.repeat(max / 2), '😀'.repeat(max / 2 + 1)),
    fc.jsonValue({ maxDepth: 1 }),
  );
const number = fc.oneof(
  fc.double(),
  fc.integer({ min: -2, max: 1_001 }),
  fc.constantFrom(0, -0, 999, 1000, 2 ** 53, 1e300, '7', null),
);
const country = fc.oneof(
  fc.constantFrom('de', 'DE', 'DEU', 'D', 'd1', 'DE\n', ' DE', 7, null),
  fc.string({ maxLength: 3 }),
);

const arbitraryRecord = fc.record(
  {
    ts: fc.oneof({ weight: 4, arbitrary: goodTime }, time, number, fc.jsonValue({ maxDepth: 1 })),
    key: fc.oneof({ weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 20 }) }, text(1024)),
    keyName: text(256),
    tenant: text(256),
    ip: text(64),
    method: text(32),
    path: text(8_192),
    route: text(512),
    status: number,
    userAgent: text(65_536),
    bytes: number,
    latency: number,
    requestId: text(256),
    country,
    outcome: text(64),
    other: fc.jsonValue({ maxDepth: 1 }),
  },
  { requiredKeys: [] },
);

/** The same with everything valid but one field, so that each border is met alone. */
const nearlyValid = fc
  .tuple(fc.string({ minLength: 1, maxLength: 20 }), goodTime, arbitraryRecord, fc.nat(15))
  .map(([key, ts, record, pick]) => {
    const names = Object.keys(record) as (keyof typeof record)[];
    if (names.length === 0) return { ts, key };
    const name = names[pick % names.length];
    return { ts, key, [name]: record[name] };
  });

describe('the fast check and the published schema', () => {
  test('accept and reject the same records', () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(arbitraryRecord, nearlyValid), (record) => {
        const bySchema = usageEventRecord.safeParse(record).success;
        if (bySchema) accepted += 1;
        expect(faultOf(record) === undefined).toBe(bySchema);
      }),
      { numRuns: 3_000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });

  test('yield the same values', () => {
    fc.assert(
      fc.property(nearlyValid, (record) => {
        const parsed = usageEventRecord.safeParse(record);
        if (!parsed.success) return;
        const draft = keywatchDecoder.decode(record, context);
        if ('reason' in draft) {
          expect(draft.reason).toBe('bad-address');
          return;
        }
        if ('noKey' in draft) throw new Error('a record with a key');
        const { ts, key, status, bytes, latency, ip: _, ...texts } = parsed.data;
        expect(draft.ts).toBe(typeof ts === 'string' ? Date.parse(ts) : Math.trunc(ts));
        expect(draft.key).toEqual({ text: key, kind: 'credential', ambiguous: true });
        expect([draft.status, draft.bytes, draft.latencyMs]).toEqual([status ?? 0, bytes, latency]);
        expect(draft).toMatchObject(texts);
      }),
      { numRuns: 2_000 },
    );
  });

  test('own properties named __proto__ give nothing to inherit', () => {
    const record = JSON.parse('{"__proto__":{"ts":"2026-01-01T00:00:00Z","key":"stolen"}}');
    expect(keywatchDecoder.decode(record, context)).toMatchObject({ reason: 'missing-field' });
  });
});

test('an empty or null key is a request without a key only where the rest is sound', () => {
  const ts = '2026-01-01T00:00:00Z';
  expect(keywatchDecoder.decode({ ts, key: '' }, context)).toEqual({ noKey: true });
  expect(keywatchDecoder.decode({ ts, path: '/' }, context)).toEqual({ noKey: true });
  expect(keywatchDecoder.decode({ ts, key: 7 }, context)).toMatchObject({ reason: 'wrong-type' });
  expect(keywatchDecoder.decode({ ts: 'x', key: null }, context)).toMatchObject({ reason: expect.any(String) });
});
