import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decoders } from '../../../src/ingest/decoders';
import { type LogFormat, logFormats } from '../../../src/ingest/formats';
import { createIngest, type IngestOptions } from '../../../src/ingest/ingest';

const options = { keyIs: 'auto', hashKey: () => 'h1:hash', trustedProxies: [], maxRecordBytes: 1_048_576 } as const;
const samples = join(__dirname, '..', 'samples');
const read = (name: string) => readFileSync(join(samples, name), 'utf8');
const first = (name: string) => JSON.parse(name.endsWith('.ndjson') ? read(name).split('\n')[0] : read(name));

function eventOf(format: LogFormat, record: unknown, changed: Partial<IngestOptions> = {}) {
  const [result] = createIngest({ ...options, format, ...changed }).ingest(Buffer.from(JSON.stringify(record)));
  if (result.kind !== 'event') throw new Error(`expected an event, not ${JSON.stringify(result)}`);
  return result.event;
}

describe('tyk', () => {
  const record = first('tyk.ndjson');

  test('the key is hashed, however short it is', () =>
    expect(eventOf('tyk', { ...record, api_key: 'short1' })).toMatchObject({ key: 'h1:hash', keyKind: 'hash' }));

  test('under keyIs id it is taken for the hash that Tyk made of it', () =>
    expect(eventOf('tyk', { ...record, api_key: '9f86d081' }, { keyIs: 'id' })).toMatchObject({
      key: '9f86d081',
      keyKind: 'credential',
    }));
});

describe('apisix', () => {
  const record = first('apisix.ndjson');

  test('a credential that the client names itself is not believed', () => {
    const { consumer, ...unknown } = record;
    expect(eventOf('apisix', record)).toMatchObject({ key: 'cred-7', keyName: consumer.username });
    expect(eventOf('apisix', unknown)).toMatchObject({ key: 'h1:hash', keyKind: 'hash' });
  });
});

describe('cloudtrail', () => {
  const [record] = first('cloudtrail-file.json').Records;
  const errors: readonly (readonly [error: string | undefined, status: number])[] = [
    [undefined, 200],
    ['AccessDenied', 403],
    ['Client.UnauthorizedOperation', 403],
    ['InvalidClientTokenId', 401],
    ['ThrottlingException', 429],
    ['NoSuchBucket', 404],
    ['InternalFailure', 500],
    ['ValidationException', 400],
  ];

  test.each(errors)('errorCode %s counts as status %i', (errorCode, status) =>
    expect(eventOf('cloudtrail', { ...record, errorCode })).toMatchObject({ status, outcome: errorCode ?? '' }),
  );

  test('a temporary key stands for its role, so that a session does not begin a history of its own', () => {
    const { detail } = first('cloudtrail-eventbridge.json');
    const session = { ...detail, userIdentity: { ...detail.userIdentity, accessKeyId: 'ASIAZZZZZZZZZZZZZZZZ' } };
    expect(eventOf('cloudtrail', session).key).toBe(eventOf('cloudtrail', detail).key);
    expect(eventOf('cloudtrail', detail)).toMatchObject({ keyKind: 'consumer', keyName: 'deployer' });
  });

  test('a notification of S3 is none of its events', () => {
    const { eventID, ...notification } = record;
    expect(typeof eventID).toBe('string');
    expect(decoders.cloudtrail.recognise(notification)).toBeUndefined();
  });

  test.each(['AWS Internal', 'cloudformation.amazonaws.com'])('%s is no address, and no fault', (sourceIPAddress) =>
    expect(eventOf('cloudtrail', { ...record, sourceIPAddress }).ip).toBe(''),
  );
});

describe('keyField', () => {
  test('names a field by its path', () =>
    expect(
      eventOf('ecs', { ...first('ecs.ndjson'), gateway: { 'key.id': 'k_7' } }, { keyField: 'gateway."key.id"' }),
    ).toMatchObject({ key: 'k_7', keyKind: 'credential' }));

  test('also one of which the format makes nothing itself', () => {
    const { detail } = first('cloudtrail-eventbridge.json');
    expect(eventOf('cloudtrail', detail, { keyField: 'userIdentity.principalId' }).key).toBe('AROAEXAMPLE:deploy');
    const otel = JSON.parse(read('otel-spans.json').replace('api_key.id', 'my.key'));
    expect(eventOf('otel', otel, { keyField: 'attributes."my.key"' }).key).toBe('cred-1');
  });

  test('names a header where the format logs headers, and takes it for the raw key', () => {
    const record = { ...first('traefik.ndjson'), 'request_X-Partner': 'p-1' };
    expect(eventOf('traefik', record, { keyField: 'x-partner' })).toMatchObject({ key: 'h1:hash', keyKind: 'hash' });
    expect(eventOf('traefik', record, { keyField: 'x-partner', keyIs: 'id' })).toMatchObject({ key: 'p-1' });
  });

  test('and nothing else is taken in its place', () => {
    const ingest = createIngest({ ...options, format: 'envoy', keyField: 'my_key' });
    expect(ingest.ingest(Buffer.from(JSON.stringify(first('envoy.ndjson'))))).toEqual([{ kind: 'no-key', index: 0 }]);
  });
});

describe('otel', () => {
  test('what a client claims in a header is believed behind a trusted proxy alone', () => {
    const record = (peer: string) => ({
      timeUnixNano: '1795514400123000000',
      attributes: {
        'http.request.method': 'GET',
        'network.peer.address': peer,
        'client.address': '198.51.100.7',
        'user.id': 'u',
      },
    });
    const trustedProxies = ['10.0.0.0/8'];
    expect(eventOf('otel', record('10.0.0.1'), { trustedProxies }).ip).toBe('198.51.100.7');
    expect(eventOf('otel', record('203.0.113.9'), { trustedProxies }).ip).toBe('203.0.113.9');
  });

  test('more records than one may hold are cut off, and say so', () => {
    const logRecords = new Array(10_500).fill({
      timeUnixNano: '1795514400123000000',
      attributes: { 'http.request.method': 'GET', 'user.id': 'u' },
    });
    const value = { resourceLogs: [{ scopeLogs: [{ logRecords }] }] };
    const results = createIngest({ ...options, format: 'otel', maxRecordBytes: 1e7 }).ingest(
      Buffer.from(JSON.stringify(value)),
    );
    expect(results).toHaveLength(10_001);
    expect(results.at(-1)).toMatchObject({ kind: 'rejected', rejection: { reason: 'too-large' } });
  });
});

test('two spellings of one header are one list: what a client writes twice hides nothing', () => {
  const record = first('apisix.ndjson');
  const headers = { apikey: 'plain-but-secret-1', ApiKey: 'plain-but-secret-2', 'user-agent': 'a plain-but-secret-2' };
  const event = eventOf('apisix', { ...record, consumer: undefined, request: { ...record.request, headers } });
  expect(JSON.stringify(event)).not.toContain('plain-but-secret');
});

/** A value that counts how often anything of it is looked at. */
function counted(value: unknown, count: () => void): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const seen = <T>(result: T): T => {
    count();
    return result;
  };
  return new Proxy(value, {
    get: (target, name, receiver) => seen(counted(Reflect.get(target, name, receiver), count)),
    has: (target, name) => seen(Reflect.has(target, name)),
    getOwnPropertyDescriptor: (target, name) => seen(Reflect.getOwnPropertyDescriptor(target, name)),
  });
}

describe('cost', () => {
  const context = { keyField: '', clientAddress: () => '203.0.113.9' };
  const forms = readdirSync(samples)
    .filter((name) => !/^(keywatch|kong|nginx)|\.expected\.json$/.test(name))
    .map((name) => [name, logFormats.find((each) => name.startsWith(each)) as LogFormat] as const);

  function looks(format: LogFormat, record: object, extra: number): number {
    let count = 0;
    const junk = Object.fromEntries(Array.from({ length: extra }, (_, i) => [`junk_${i}`, `request_${i}`]));
    const { unwrap, recognise, decode } = decoders[format];
    const value = counted({ ...record, ...junk }, () => {
      count += 1;
    });
    for (const part of unwrap?.(value) ?? [value]) {
      recognise(part);
      decode(part, context);
    }
    return count;
  }

  test.each(forms)(
    '%s: at most 600 look-ups a request, and a few for each field that is not the format’s',
    (name, format) => {
      const record = first(name);
      const base = looks(format, record, 0);
      const requests = (record.Records ?? record.records ?? [1, 1]).length;
      expect(base).toBeLessThan(600 * requests);
      expect(looks(format, record, 1_000) - base).toBeLessThan(4_000);
      expect(looks(format, record, 4_000) - base).toBeLessThan(16_000);
    },
  );
});
