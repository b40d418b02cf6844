import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { rejectReasons } from '../../src/domain/rejection';
import { formats } from '../../src/ingest/formats';
import { createIngest, type IngestResult } from '../../src/ingest/ingest';
import { valuesOf } from '../../src/ingest/records';

const options = {
  keyIs: 'auto',
  hashKey: () => 'h1:hash',
  trustedProxies: ['10.0.0.0/8', '::1'],
  maxRecordBytes: 65_536,
  mapping: {
    records: 'request.headers',
    time: 'ts',
    timeUnit: 'auto',
    key: 'request.headers.apikey[0]',
    keyType: 'auto',
    path: '"request_uri"',
    ip: 'client_ip',
    latency: 'latency',
    latencyUnit: 's',
    headers: 'request.headers',
    secrets: ['__proto__', 'request.uri'],
    constants: {},
  },
} as const;

/** What every result promises, whatever came in. */
function check(results: readonly IngestResult[]): void {
  for (const [i, result] of results.entries()) {
    expect(result.index).toBe(i);
    if (result.kind === 'rejected') expect(rejectReasons).toContain(result.rejection.reason);
    if (result.kind !== 'event') continue;
    const { event } = result;
    expect(event.ts).toBeGreaterThanOrEqual(Date.UTC(2000, 0));
    expect(event.ts).toBeLessThan(Date.UTC(2100, 0));
    expect(event.key.length).toBeGreaterThan(0);
    expect(event.path.length).toBeLessThanOrEqual(512);
    expect(event.path).not.toMatch(/[?#]/);
    expect(event.userAgent.length).toBeLessThanOrEqual(512);
    expect(event.route.length).toBeLessThanOrEqual(512);
    expect(event.method).toMatch(/^[A-Z-]{0,20}$/);
    expect(JSON.stringify(event)).not.toMatch(/[\p{Cs}\p{Cc}]|\\u00[01]|\\u[dD][89a-fA-F]/u);
  }
}

/** JSON whose objects use the names that decoders look for, so that values of any type reach every branch. */
const names = [
  'ts key ip method path route status userAgent bytes latency requestId country outcome keyName tenant',
  'request response latencies authenticated_entity consumer route client_ip started_at workspace_name headers querystring',
  'uri url id size name username custom_id user-agent apikey x-api-key authorization x-forwarded-for forwarded',
  'start_time response_code response_flags x_api_key requestId httpMethod requestTimeEpoch apiKey userIdentity eventSource',
  'eventName accessKeyId Records records detail resourceLogs scopeLogs logRecords attributes key value stringValue',
  'time msec time_local remote_addr xff http_forwarded request_uri args request_time ua http_authorization key_id __proto__',
].flatMap((line) => line.split(' '));
const texts = fc.oneof(
  fc.constantFrom(
    '2026-11-24T10:00:00Z',
    '24/Nov/2026:10:00:00 +0000',
    '203.0.113.9',
    '10.0.0.1',
    'GET /a?key=%zz HTTP/1.1',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(texts, fc.double(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(1_795_514_400_123)),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 16 }),
  ),
}));

describe.each([...formats, 'mapping' as const])('format %s', (format) => {
  test('throws on no bytes at all', () => {
    const ingest = createIngest({ ...options, format });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => check(ingest.ingest(Buffer.from(bytes)))),
      { numRuns: 500 },
    );
  });

  test('throws on no text, of one line or several', () => {
    const ingest = createIngest({ ...options, format });
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .array(
          fc.constantFrom(
            '"',
            '[',
            ']',
            ' ',
            '\\',
            '\\x2',
            '203.0.113.9',
            '-',
            'GET / HTTP/1.1',
            '24/Nov/2026:10:00:00 +0000',
            '200',
          ),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), (lines) => check(ingest.ingest(Buffer.from(lines.join('\n'))))),
      { numRuns: 1_000 },
    );
  });

  test('throws on no JSON', () => {
    const ingest = createIngest({ ...options, format });
    fc.assert(
      fc.property(fc.oneof(tree, fc.jsonValue()), (value) =>
        check(ingest.ingest(Buffer.from(JSON.stringify(value) ?? 'null'))),
      ),
      { numRuns: 1_500 },
    );
  });
});

const samples = join(__dirname, 'samples');
const records = readdirSync(samples)
  .filter((name) => /(?<!\.expected)\.(?:nd)?json$/.test(name))
  .flatMap((name) => valuesOf(readFileSync(join(samples, name), 'utf8')).slice(0, 2));

/** What makes careless code throw or reach further than the record: names that objects inherit, and odd primitives. */
const hostile = fc.oneof(
  fc.constantFrom(null, true, -1, 1e308, 0, '', '-', '__proto__', [], {}, [[]], [null]),
  fc.constant(JSON.parse('{"toString":1,"valueOf":null,"length":-1,"__proto__":{"x":1}}')),
  fc.constant(JSON.parse('{"constructor":{"prototype":{}},"hasOwnProperty":1,"toJSON":1}')),
  tree,
);

/** The value with `planted` in the place of one of its parts, chosen by `turns`. */
function planted(value: unknown, turns: readonly number[], put: unknown): unknown {
  if (turns.length === 0 || typeof value !== 'object' || value === null) return put;
  const names = Object.keys(value);
  const name = names[turns[0] % Math.max(1, names.length)];
  if (name === undefined) return put;
  if (Array.isArray(value))
    return value.map((each, i) => (String(i) === name ? planted(each, turns.slice(1), put) : each));
  return { ...value, [name]: planted((value as Record<string, unknown>)[name], turns.slice(1), put) };
}

test('no hostile value in any place of any format throws', () => {
  const ingests = [...formats, 'mapping' as const].map((format) => createIngest({ ...options, format }));
  const turns = fc.array(fc.nat(30), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.constantFrom(...records), turns, hostile, fc.constantFrom(...ingests), (record, way, put, ingest) =>
      check(ingest.ingest(Buffer.from(JSON.stringify(planted(record, way, put)) ?? 'null'))),
    ),
    { numRuns: 3_000 },
  );
});

test('the results of a record do not depend on the records before it', () => {
  const record = fc.record({
    ts: fc.constant('2026-11-24T10:00:00Z'),
    key: fc.constantFrom('a', 'b', 'sk_live_Zx81Kd93Pq02Lm47'),
    path: fc.webPath(),
    userAgent: fc.string({ maxLength: 20 }),
  });
  const used = createIngest({ ...options, format: 'keywatch' });
  fc.assert(
    fc.property(record, (value) => {
      const bytes = Buffer.from(JSON.stringify(value));
      expect(used.ingest(bytes)).toEqual(createIngest({ ...options, format: 'keywatch' }).ingest(bytes));
    }),
  );
});
