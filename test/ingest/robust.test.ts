import fc from 'fast-check';
import { rejectReasons } from '../../src/domain/rejection';
import { formats } from '../../src/ingest/formats';
import { createIngest, type IngestResult } from '../../src/ingest/ingest';

const options = {
  keyIs: 'auto',
  hashKey: () => 'h1:hash',
  trustedProxies: ['10.0.0.0/8', '::1'],
  maxRecordBytes: 65_536,
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

describe.each(formats)('format %s', (format) => {
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
