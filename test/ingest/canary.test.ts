import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { mapping as mappingSchema } from '../../src/config/mapping';
import { formats, type LogFormat, logFormats } from '../../src/ingest/formats';
import { createIngest, type IngestResult } from '../../src/ingest/ingest';
import { createKeyHasher } from '../../src/ingest/pepper';

const canary = 'sk_live_CANARY4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c';
/** Long enough to be no accident, short enough that a cut-off rest is found too. */
const traces = ['canary', '4f9a8b7c', '0d9e8f7a6b5c'];
const { hash } = createKeyHasher({ pepper: Buffer.from('a pepper for tests'), version: 1 });

const samples = join(__dirname, 'samples');
const read = (name: string) => readFileSync(join(samples, name), 'utf8');
/** Every form of a format that is told by a table, one record each. */
const tables = readdirSync(samples)
  .filter((name) => !/^(keywatch|kong|nginx)|\.expected\.json$/.test(name))
  .map((name) => {
    const format = logFormats.find((each) => name.startsWith(each)) as LogFormat;
    return [format, JSON.parse(name.endsWith('.json') ? read(name) : read(name).split('\n')[0])] as const;
  });
const records: readonly (readonly [format: LogFormat, record: unknown])[] = [
  ...read('keywatch.ndjson')
    .trim()
    .split('\n')
    .map((line) => ['keywatch', JSON.parse(line)] as const),
  ['kong', JSON.parse(read('kong-object.json'))],
  ...(JSON.parse(read('kong-array.json')) as unknown[]).map((record) => ['kong', record] as const),
  ...read('nginx-json.ndjson')
    .trim()
    .split('\n')
    .map((line) => ['nginx-json', JSON.parse(line)] as const),
  ...tables,
];

/** Every way to put `text` in the place of one value of `value`, and in the place of one name. */
function* plantings(value: unknown, text: string): Generator<unknown> {
  yield text;
  yield [text];
  if (typeof value === 'string') {
    yield `${value}${text}`;
    yield `${value} ${text} ${value}`;
    yield `${value}/${text}?apikey=${text}#${text}`;
    yield `Bearer ${text}`;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const name of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[name];
    for (const planted of plantings(inner, text))
      yield Array.isArray(value)
        ? value.map((each, i) => (String(i) === name ? planted : each))
        : { ...value, [name]: planted };
    if (!Array.isArray(value)) yield { ...value, [text]: inner };
  }
}

function expectClean(results: readonly IngestResult[], input: string): void {
  const output = JSON.stringify(results).toLowerCase();
  for (const trace of traces)
    if (output.includes(trace)) throw new Error(`the secret came through\n${input}\n${output}`);
}

const spellings = [canary, canary.replaceAll('_', '%5F'), `%2F${canary}%2F`, `x${canary}x`, `"${canary}"`];

describe.each(['auto', 'secret'] as const)('keyIs %s', (keyIs) => {
  const modes = [hash, undefined].map((hashKey) => ({
    keyIs,
    hashKey,
    trustedProxies: ['10.0.0.0/8'],
    maxRecordBytes: 1e6,
  }));

  test('a secret in any field or name of a JSON record appears in no event and no rejection', () => {
    for (const options of modes)
      for (const [format, record] of records) {
        const fixed = createIngest({ ...options, format });
        const auto = createIngest({ ...options, format: 'auto' });
        for (const text of spellings)
          for (const planted of plantings(record, text)) {
            const bytes = JSON.stringify(planted);
            expectClean(fixed.ingest(Buffer.from(bytes)), bytes);
            expectClean(auto.ingest(Buffer.from(bytes)), bytes);
          }
      }
  });

  test('a secret in any place of a combined line appears in no event and no rejection', () => {
    const ingests = modes.map((options) => createIngest({ ...options, format: 'nginx-combined' }));
    for (const line of read('nginx-combined.log').trim().split('\n'))
      for (const text of spellings)
        for (let at = 0; at <= line.length; at += 1) {
          const planted = line.slice(0, at) + text + line.slice(at);
          for (const ingest of ingests) expectClean(ingest.ingest(Buffer.from(planted)), planted);
        }
  });

  test('a secret around which the record is broken does not appear either', () => {
    for (const options of modes)
      for (const format of formats)
        for (const broken of [
          canary,
          `{"key":"${canary}"`,
          `[{"key":"${canary}"}`,
          `${'['.repeat(50)}"${canary}"${']'.repeat(50)}`,
          `\u0000${canary}`,
          'k'.repeat(2000) + canary,
        ])
          for (const text of [
            broken,
            JSON.stringify({ ts: '2026-11-24T10:00:00Z', key: broken, path: broken, userAgent: broken }),
          ])
            expectClean(createIngest({ ...options, format }).ingest(Buffer.from(text)), text);
  });
});

test('under keyIs id the key stays as it is, and the same text is kept out of every other field', () => {
  const ingest = createIngest({ format: 'keywatch', keyIs: 'id', trustedProxies: [], maxRecordBytes: 1e6 });
  const record = {
    ts: '2026-11-24T10:00:00Z',
    key: canary,
    keyName: canary,
    tenant: canary,
    path: `/a/${canary}`,
    userAgent: canary,
    requestId: canary,
    outcome: canary,
  };
  const [result] = ingest.ingest(Buffer.from(JSON.stringify(record)));
  if (result.kind !== 'event') throw new Error('expected an event');
  const { key, ...others } = result.event;
  expect(key).toBe(canary);
  expectClean([{ ...result, event: { ...others, key: '' } }], '');
});

test('a secret in any field of a mapped record appears nowhere', () => {
  const mapping = mappingSchema.parse({
    records: 'list',
    time: 'at',
    key: 'key',
    keyName: 'name',
    tenant: 'tenant',
    ip: 'ip',
    forwardedFor: 'xff',
    method: 'method',
    path: 'path',
    route: 'route',
    status: 'status',
    userAgent: 'agent',
    bytes: 'bytes',
    latency: 'took',
    requestId: 'id',
    country: 'country',
    outcome: 'outcome',
    headers: 'headers',
    secrets: ['secret'],
  });
  const record = {
    at: '2026-11-24T10:00:00Z',
    key: 'k_1',
    name: 'billing',
    tenant: 'acme',
    ip: '10.0.0.5',
    xff: '203.0.113.9',
    method: 'GET',
    path: '/a?b=c',
    route: '/a',
    status: 200,
    agent: 'curl/8',
    bytes: 1,
    took: 1,
    id: 'r-1',
    country: 'DE',
    outcome: 'ok',
    headers: { 'x-api-key': 'plain', 'user-agent': 'x' },
    secret: ['s'],
  };
  const ingest = createIngest({
    format: 'mapping',
    mapping,
    keyIs: 'auto',
    hashKey: hash,
    trustedProxies: ['10.0.0.0/8'],
    maxRecordBytes: 1e6,
  });
  for (const value of [record, { list: [record] }])
    for (const text of spellings)
      for (const planted of plantings(value, text)) {
        const bytes = JSON.stringify(planted);
        expectClean(ingest.ingest(Buffer.from(bytes)), bytes);
      }
});

test('a secret of no known shape is removed elsewhere when it also stands in a known place', () => {
  const secret = fc.stringMatching(/^[a-z]{3}[0-9][A-Za-z0-9]{4,20}$/);
  const place = fc.constantFrom(
    (s: string) => ({ headers: { apikey: s } }),
    (s: string) => ({ headers: { 'X-Api-Key': s } }),
    (s: string) => ({ headers: { 'ocp-apim-subscription-key': [s] } }),
    (s: string) => ({ headers: { authorization: `Bearer ${s}` } }),
    (s: string) => ({ headers: { authorization: `Basic ${Buffer.from(`user:${s}`).toString('base64')}` } }),
    (s: string) => ({ querystring: { apikey: s } }),
    (s: string) => ({ uri: `/a/${s}?x=1&access_token=${s}` }),
    (s: string) => ({ uri: `/a/${s}?X-Amz-Signature=${s}` }),
  );
  const ingest = createIngest({
    format: 'kong',
    keyIs: 'auto',
    hashKey: hash,
    trustedProxies: [],
    maxRecordBytes: 1e6,
  });
  fc.assert(
    fc.property(secret, place, fc.boolean(), (text, put, known) => {
      const placed = put(text) as { headers?: object };
      const record = {
        request: {
          method: 'GET',
          uri: `/a/${text}/b`,
          id: `r-${text}`,
          ...placed,
          headers: { 'user-agent': `cli ${text}`, ...placed.headers },
        },
        response: { status: 200 },
        latencies: {},
        ...(known ? { authenticated_entity: { id: 'cred-1' }, consumer: { id: 'c-1', username: `it's ${text}` } } : {}),
        workspace_name: text,
        route: { name: `route-${text}` },
        client_ip: '203.0.113.9',
        started_at: 1_795_514_400_123,
      };
      const results = ingest.ingest(Buffer.from(JSON.stringify(record)));
      expect(JSON.stringify(results)).not.toContain(text);
      if (known) expect(results[0]).toMatchObject({ kind: 'event', event: { key: 'cred-1' } });
    }),
    { numRuns: 500 },
  );
});
