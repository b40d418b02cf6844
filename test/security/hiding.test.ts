import { createIngest, type IngestOptions } from '../../src/ingest/ingest';

/** What a client writes into its request must not take the request out of sight or give it another sender or key. */

const options: IngestOptions = {
  format: 'auto',
  keyIs: 'auto',
  trustedProxies: ['10.0.0.0/8'],
  maxRecordBytes: 1_048_576,
  hashKey: (raw) => `hash of ${raw.length}`,
};
const eventOf = (record: unknown, over: Partial<IngestOptions>) => {
  const text = typeof record === 'string' ? record : JSON.stringify(record);
  const [result] = createIngest({ ...options, ...over }).ingest(Buffer.from(text));
  return result?.kind === 'event' ? result.event : result;
};

describe('Kong: forwarding headers in several lines', () => {
  const record = (headers: object) => ({
    started_at: 1_764_000_000_000,
    client_ip: '10.0.0.5',
    request: { method: 'GET', uri: '/v1/x', headers },
    latencies: { request: 3 },
    response: { status: 200, size: 3 },
    authenticated_entity: { id: '0e5c1d3a-7a0e-4c3f-9d7a-0d3f3e2b1a00' },
  });
  test.each([
    ['x-forwarded-for', ['198.51.100.7', '203.0.113.66']],
    ['x-forwarded-for', ['198.51.100.7, 192.0.2.1', '203.0.113.66, 10.1.1.1']],
    ['forwarded', ['for=198.51.100.7', 'for=203.0.113.66']],
  ])('%s %j: the line that the trusted proxy added counts, not the one that the client sent', (name, lines) =>
    expect(eventOf(record({ [name]: lines }), { format: 'kong' })).toMatchObject({ ip: '203.0.113.66' }),
  );
});

describe('NGINX combined: the user of a Basic authorization stands in the line without quotes', () => {
  const line = (user: string) =>
    `203.0.113.9 - ${user} [24/Nov/2026:16:00:00 +0000] "GET /v1/x HTTP/1.1" 200 12 "-" "curl/8" "key-0001"`;
  test.each(['-', 'a b', '[', '[x', ']', 'a ] [b', 'x - y', '', ' ', 'a\\x22 GET\\x22 200'])('user %p', (user) =>
    expect(eventOf(line(user), { format: 'nginx-combined', keyField: 'x_api_key' })).toMatchObject({
      key: 'key-0001',
      ip: '203.0.113.9',
      status: 200,
      path: '/v1/x',
      userAgent: 'curl/8',
    }),
  );
});

test('where ids are said to be ids, naming one in a query does not make it another key', () => {
  const id = '11111111-2222-3333-4444-555555555555';
  const record = {
    time: '2026-11-24T16:00:00Z',
    remote_addr: '203.0.113.9',
    method: 'GET',
    uri: `/v1/x?token=${id}`,
    status: 200,
    credential_id: id,
  };
  expect(eventOf(record, { format: 'nginx-json', keyIs: 'id' })).toMatchObject({ key: id, keyKind: 'credential' });
});
