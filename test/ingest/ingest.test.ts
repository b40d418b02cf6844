import { createIngest, type IngestOptions } from '../../src/ingest/ingest';

const options: IngestOptions = { format: 'keywatch', keyIs: 'auto', trustedProxies: [], maxRecordBytes: 1_048_576 };
const run = (value: unknown, changed: Partial<IngestOptions> = {}) =>
  createIngest({ ...options, ...changed }).ingest(
    Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  );
const ts = '2026-11-24T10:00:00Z';
const sound = { ts, key: 'k_1', path: '/a', userAgent: 'curl/8' };
const reasonOf = (value: unknown, changed: Partial<IngestOptions> = {}) => {
  const [result, ...more] = run(value, changed);
  expect(more).toEqual([]);
  return result.kind === 'rejected' ? result.rejection.reason : result.kind;
};
const eventOf = (value: unknown, changed: Partial<IngestOptions> = {}) => {
  const [result] = run(value, changed);
  if (result.kind !== 'event') throw new Error(`expected an event, not ${JSON.stringify(result)}`);
  return result.event;
};

describe('bad input', () => {
  test.each([
    ['not JSON', '{"ts":', 'not-json'],
    ['not JSON, over several lines', '{\n"ts":\n}}', 'not-json'],
    ['a number', '17', 'not-object'],
    ['null', 'null', 'not-object'],
    ['a line of 10 MB', `{"ts":"${'x'.repeat(10_000_000)}"}`, 'too-large'],
    ['deep nesting in a field', { ...sound, other: JSON.parse('['.repeat(40) + ']'.repeat(40)) }, 'too-deep'],
    ['nesting as deep as the record is long', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'too-deep'],
    ['no time', { key: 'k_1' }, 'missing-field'],
    ['a time that is no time', { ...sound, ts: 'soon' }, 'bad-time'],
    ['a time before 2000', { ...sound, ts: 946_684_799_999 }, 'time-impossible'],
    ['a time after 2099', { ...sound, ts: '2100-01-01T00:00:00Z' }, 'time-impossible'],
    ['seconds where milliseconds belong', { ...sound, ts: 1_795_514_400 }, 'time-impossible'],
    ['a wrong type', { ...sound, userAgent: 7 }, 'wrong-type'],
    ['a key over 1 KB', { ...sound, key: 'k'.repeat(1025) }, 'key-too-long'],
    ['a key with NUL', { ...sound, key: 'k\u0000' }, 'bad-text'],
    ['a key with a lone surrogate', `{"ts":"${ts}","key":"k\\ud800"}`, 'bad-text'],
    ['__proto__ instead of fields', `{"__proto__":${JSON.stringify(sound)}}`, 'missing-field'],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), 'unsupported-encoding'],
    ['UTF-16', Buffer.from('\ufeff{}', 'utf16le'), 'unsupported-encoding'],
    ['a schema registry frame', Buffer.from([0, 0, 0, 0, 7, 123, 125]), 'unsupported-encoding'],
  ])('%s: rejected with its reason', (_, value, reason) => expect(reasonOf(value)).toBe(reason));

  test('32 levels are taken, 33 are not', () => {
    const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    expect(reasonOf({ ...sound, other: nested(31) })).toBe('event');
    expect(reasonOf({ ...sound, other: nested(32) })).toBe('too-deep');
  });

  test('__proto__ beside sound fields changes nothing', () => {
    const text = `{"__proto__":{"polluted":true,"status":500},${JSON.stringify(sound).slice(1)}`;
    expect(eventOf(text)).toEqual(eventOf(sound));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('unsafe characters in texts are replaced, and the request still counts', () => {
    const text = `{"ts":"${ts}","key":"k_1","path":"/a\\u0000b","userAgent":"a\\ud800b\\u001b[31mc\\u202ed","tenant":"é😀"}`;
    expect(eventOf(text)).toMatchObject({ path: '/a\ufffdb', userAgent: 'a\ufffdb\ufffd[31mc\ufffdd', tenant: 'é😀' });
  });

  test('broken UTF-8 in a text is replaced, for a client must not hide behind a byte', () => {
    const [start, end] = JSON.stringify({ ...sound, userAgent: 'a|b' }).split('|');
    expect(eventOf(Buffer.concat([Buffer.from(start), Buffer.from([0xff]), Buffer.from(end)])).userAgent).toBe(
      'a\ufffdb',
    );
  });

  test('long texts are cut, never within a pair', () => {
    const event = eventOf({ ...sound, userAgent: `x${'😀'.repeat(400)}`, path: `/${'a'.repeat(5_000)}` });
    expect(event.userAgent).toBe(`x${'😀'.repeat(255)}`);
    expect(event.path).toHaveLength(512);
    expect(event.route).toBe('/{id}');
  });
});

describe('one record, several requests', () => {
  test('arrays, lines, arrays in lines, Windows line ends and a byte order mark', () => {
    const line = JSON.stringify(sound);
    for (const text of [
      `[${line},${line},${line}]`,
      `${line}\n${line}\r\n\n${line}\n`,
      `[${line},${line}]\n${line}`,
      `\ufeff${line}\n${line}\n${line}`,
    ])
      expect(run(text).map((result) => [result.kind, result.index])).toEqual([
        ['event', 0],
        ['event', 1],
        ['event', 2],
      ]);
  });

  test('a bad one is rejected alone', () => {
    const text = [JSON.stringify(sound), '{broken', JSON.stringify({ ts }), JSON.stringify(sound)].join('\n');
    expect(run(text).map((result) => result.kind)).toEqual(['event', 'rejected', 'no-key', 'event']);
  });

  test('a blank record holds none', () => {
    for (const text of ['', ' \n\r\n ', '[]']) expect(run(text)).toEqual([]);
  });

  test('more than 10,000 in one record: the rest is rejected once', () => {
    for (const text of [JSON.stringify(new Array(30_000).fill(0)), '[0]\n'.repeat(30_000)]) {
      const results = run(text);
      expect(results).toHaveLength(10_001);
      expect(results[10_000]).toMatchObject({ index: 10_000, rejection: { reason: 'too-large' } });
    }
  });
});

describe('key identity', () => {
  const raw = 'sk_live_Zx81Kd93Pq02Lm47';
  const hashKey = (text: string) => `h1:${text.length}`;

  test('auto keeps an id and hashes what has the shape of a raw key', () => {
    expect(eventOf(sound, { hashKey })).toMatchObject({ key: 'k_1', keyKind: 'credential' });
    expect(eventOf({ ...sound, key: raw }, { hashKey })).toMatchObject({ key: 'h1:24', keyKind: 'hash' });
  });
  test('secret hashes every key, and takes the raw key out of the other fields', () => {
    const record = { ...sound, key: 'abcdef', path: '/x/abcdef/y', userAgent: 'cli ABCDEF' };
    expect(eventOf(record, { hashKey, keyIs: 'secret' })).toMatchObject({
      key: 'h1:6',
      keyKind: 'hash',
      path: '/x/REDACTED/y',
      userAgent: 'cli REDACTED',
    });
  });
  test('id keeps every key', () => {
    expect(eventOf({ ...sound, key: raw }, { hashKey, keyIs: 'id' })).toMatchObject({
      key: raw,
      keyKind: 'credential',
    });
  });
  test('without a pepper a raw key is rejected, and the rejection names the setting and not the key', () => {
    const [result] = run({ ...sound, key: raw });
    expect(result).toMatchObject({
      kind: 'rejected',
      rejection: { detail: expect.stringContaining('ingest.pepperFrom') },
    });
    expect(JSON.stringify(result)).not.toContain(raw);
  });
  test('an id that also stands where raw keys stand is hashed', () => {
    expect(eventOf({ ...sound, key: 'k12345', path: '/a?apikey=k12345' }, { hashKey }).keyKind).toBe('hash');
  });
  test('a client cannot hide its route by naming it in the query', () => {
    expect(eventOf({ ...sound, path: '/admin/export?token=export' }).route).toBe('/admin/export');
  });
});

describe('keyField', () => {
  const line = '203.0.113.9 - acme [24/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "curl" "key_7"';
  test.each([
    [undefined, 'acme', 'consumer'],
    ['user', 'acme', 'credential'],
    ['last', 'key_7', 'credential'],
  ])('%p of a combined line', (keyField, key, keyKind) =>
    expect(eventOf(line, { format: 'nginx-combined', keyField })).toMatchObject({ key, keyKind }),
  );
  test('names a JSON field, exactly', () => {
    const record = {
      time: ts,
      remote_addr: '203.0.113.9',
      method: 'GET',
      uri: '/',
      status: 200,
      myKey: 'key_7',
      key: 'other',
    };
    expect(eventOf(record, { format: 'nginx-json', keyField: 'myKey' }).key).toBe('key_7');
    expect(reasonOf(record, { format: 'nginx-json', keyField: 'mykey' })).toBe('no-key');
  });
  test('names a header of Kong, which comes before the usual ones', () => {
    const record = {
      request: { uri: '/', headers: { 'x-acme-key': 'abc123', apikey: 'def456' } },
      latencies: {},
      client_ip: '203.0.113.9',
      started_at: 1_795_514_400_123,
    };
    expect(eventOf(record, { format: 'kong', keyField: 'X-Acme-Key', hashKey: (text) => text.toUpperCase() }).key).toBe(
      'ABC123',
    );
  });
});

describe('auto', () => {
  test('tells once which format it has found, and by what', () => {
    const told: unknown[] = [];
    const ingest = createIngest({ ...options, format: 'auto', onRecognised: (...what) => told.push(what) });
    for (const value of ['{"a":1}', JSON.stringify(sound), JSON.stringify(sound)]) ingest.ingest(Buffer.from(value));
    expect(told).toEqual([['keywatch', ingest.formatReason()]]);
  });

  test('waits for a record that it knows, then stays with its format', () => {
    const ingest = createIngest({ ...options, format: 'auto' });
    expect(ingest.format()).toBe('auto');
    const [unknown] = ingest.ingest(Buffer.from('{"hello":"world"}'));
    expect(unknown).toMatchObject({
      kind: 'rejected',
      rejection: { detail: expect.stringContaining('ingest.format') },
    });
    expect(ingest.formatReason()).toBe('no record has been recognised yet');
    expect(ingest.ingest(Buffer.from(JSON.stringify(sound)))[0].kind).toBe('event');
    expect(ingest.format()).toBe('keywatch');
    const line = '203.0.113.9 - acme [24/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "curl"';
    expect(ingest.ingest(Buffer.from(line))[0]).toMatchObject({ rejection: { reason: 'not-json' } });
    expect(ingest.format()).toBe('keywatch');
  });
});
