import { mapping as mappingSchema } from '../../../src/config/mapping';
import { createIngest, type IngestOptions } from '../../../src/ingest/ingest';

type Input = Parameters<typeof mappingSchema.parse>[0];

const options = { format: 'mapping', keyIs: 'auto', trustedProxies: ['10.0.0.0/8'], maxRecordBytes: 65_536 } as const;
const hashKey = (raw: string) => `h1:${raw.length}`;

function resultsOf(mapping: Input, record: unknown, changed: Partial<IngestOptions> = {}) {
  const ingest = createIngest({ ...options, hashKey, mapping: mappingSchema.parse(mapping), ...changed });
  return ingest.ingest(Buffer.from(JSON.stringify(record)));
}
function eventOf(mapping: Input, record: unknown, changed: Partial<IngestOptions> = {}) {
  const [result] = resultsOf(mapping, record, changed);
  if (result.kind !== 'event') throw new Error(`expected an event, not ${JSON.stringify(result)}`);
  return result.event;
}

const least = { time: 'at', key: 'key' };
const record = { at: '2026-11-24T10:00:00Z', key: 'k_1' };

test('a record of any shape becomes an event', () => {
  const mapping = {
    time: 'meta.at',
    timeUnit: 's',
    key: 'auth."key.id"',
    keyType: 'id',
    keyName: 'auth.name',
    tenant: 'auth.orgs[0].id',
    ip: 'peer',
    forwardedFor: 'headers.x-forwarded-for',
    method: 'req.verb',
    path: 'req.url',
    status: 'res.code',
    userAgent: 'req.agent',
    bytes: 'res.size',
    latency: 'res.took',
    latencyUnit: 's',
    requestId: 'meta.id',
    country: 'geo',
    outcome: 'res.verdict',
  };
  const odd = {
    meta: { at: '1795514400.123', id: '0192f0aa-7b61-71e6-9a41-93e8deadbeef' },
    auth: { 'key.id': 'k_1', name: 'billing', orgs: [{ id: 'acme' }] },
    peer: '10.0.0.5:443',
    headers: { 'x-forwarded-for': '198.51.100.7' },
    req: { verb: 'get', url: 'https://api.example/users/8412?x=1', agent: 'curl/8' },
    res: { code: '200', size: '512', took: 0.0125, verdict: 'RATE_LIMITED' },
    geo: 'de',
  };
  expect(eventOf(mapping, odd)).toEqual({
    ts: 1_795_514_400_123,
    key: 'k_1',
    keyKind: 'credential',
    keyName: 'billing',
    tenant: 'acme',
    ip: '198.51.100.7',
    method: 'GET',
    path: '/users/8412',
    route: '/users/{id}',
    status: 200,
    userAgent: 'curl/8',
    bytes: 512,
    latencyMs: 12.5,
    requestId: '0192f0aa-7b61-71e6-9a41-93e8deadbeef',
    country: 'DE',
    outcome: 'RATE_LIMITED',
  });
});

test.each([
  ['auto', '2026-11-24T10:00:00Z'],
  ['auto', 1_795_514_400],
  ['auto', '24/Nov/2026:10:00:00 +0000'],
  ['rfc3339', '2026-11-24T12:00:00+02:00'],
  ['common', '24/Nov/2026:10:00:00 +0000'],
  ['s', 1_795_514_400],
  ['ms', '1795514400000'],
  ['us', 1_795_514_400_000_000],
  ['ns', '1795514400000000000'],
] as const)('time in %s: %p', (timeUnit, at) =>
  expect(eventOf({ ...least, timeUnit }, { at, key: 'k' }).ts).toBe(1_795_514_400_000),
);

test.each([
  ['rfc3339', 1_795_514_400],
  ['common', '2026-11-24T10:00:00Z'],
  ['s', '2026-11-24T10:00:00Z'],
  ['ms', {}],
] as const)('a time that is not in %s is rejected: %p', (timeUnit, at) =>
  expect(resultsOf({ ...least, timeUnit }, { at, key: 'k' })).toMatchObject([{ rejection: { reason: 'bad-time' } }]),
);

test.each([
  ['ns', 0.012],
  ['us', 12],
  ['ms', 12_000],
  ['s', 12_000_000],
] as const)('a latency in %s', (latencyUnit, ms) =>
  expect(eventOf({ ...least, latency: 'took', latencyUnit }, { ...record, took: 12_000 }).latencyMs).toBeCloseTo(ms, 3),
);

describe('key', () => {
  test('a secret is hashed whatever it looks like, and removed elsewhere', () => {
    const event = eventOf(
      { ...least, keyType: 'secret', userAgent: 'agent' },
      { ...record, key: 'plain-1', agent: 'cli plain-1' },
    );
    expect(event).toMatchObject({ key: 'h1:7', keyKind: 'hash', userAgent: 'cli REDACTED' });
  });

  test('a consumer is one', () => expect(eventOf({ ...least, keyType: 'consumer' }, record).keyKind).toBe('consumer'));

  test('auto follows ingest.keyIs, and hashes what looks like a secret', () => {
    expect(eventOf(least, record)).toMatchObject({ key: 'k_1', keyKind: 'credential' });
    expect(eventOf(least, record, { keyIs: 'secret' }).keyKind).toBe('hash');
    expect(eventOf(least, { ...record, key: 'sk_live_Zx81Kd93Pq02Lm47' }).keyKind).toBe('hash');
  });

  test('none is no fault', () => expect(resultsOf(least, { at: record.at })).toEqual([{ kind: 'no-key', index: 0 }]));
});

test('requests inside a record are read one by one', () => {
  const value = { data: { items: [record, { ...record, key: 'k_2' }, 7] } };
  expect(resultsOf({ ...least, records: 'data.items' }, value)).toMatchObject([
    { event: { key: 'k_1' } },
    { event: { key: 'k_2' } },
    { rejection: { reason: 'not-object' } },
  ]);
});

test('secrets in named places and in headers are removed wherever else they occur', () => {
  const mapping = { ...least, headers: 'h', secrets: ['tokens[0]', 'other'], userAgent: 'agent', requestId: 'id' };
  const value = {
    ...record,
    h: { 'X-Api-Key': 'plain-secret-1' },
    tokens: ['plain-secret-2'],
    other: ['plain-secret-3'],
    agent: 'a plain-secret-1 plain-secret-2 plain-secret-3',
    id: 'plain-secret-2',
  };
  expect(JSON.stringify(eventOf(mapping, value))).not.toContain('plain-secret');
});

test('constants stand where a record says nothing', () => {
  const mapping = { ...least, tenant: 'org', constants: { tenant: 'acme', route: 'graphql', method: 'POST' } };
  expect(eventOf(mapping, record)).toMatchObject({ tenant: 'acme', route: 'graphql', method: 'POST' });
  expect(eventOf(mapping, { ...record, org: 'other' }).tenant).toBe('other');
});

test('what an object inherits is not found', () => {
  expect(resultsOf({ time: 'at', key: 'constructor.name' }, record)).toEqual([{ kind: 'no-key', index: 0 }]);
  expect(resultsOf({ time: '__proto__.at', key: 'key' }, { key: 'k' })).toMatchObject([
    { rejection: { reason: 'missing-field', detail: '__proto__.at: expected a time' } },
  ]);
});

test('without a mapping every record is refused, naming the setting', () => {
  const [result] = createIngest({ ...options, hashKey }).ingest(Buffer.from(JSON.stringify(record)));
  expect(result).toMatchObject({ rejection: { detail: expect.stringContaining('ingest.mapping') } });
});
