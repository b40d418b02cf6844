import { framingFault } from '../../src/ingest/framing';
import { createIngest } from '../../src/ingest/ingest';

const json = Buffer.from('{"ts":1,"key":"SECRET-KEY-0001"}');
const bytes = (...parts: readonly (number | string | Buffer)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part as string))));

/** `string key = 1; string path = 2; uint32 status = 3; double at = 4;` */
const message = bytes(0x0a, 15, 'SECRET-KEY-0001', 0x12, 3, '/v1', 0x18, 0xc8, 0x01, 0x21, Buffer.alloc(8, 1));

const framed: readonly (readonly [name: string, value: Buffer, says: RegExp])[] = [
  [
    'Avro behind a schema registry',
    bytes(0, 0, 0, 0, 7, 30, 'SECRET-KEY-0001'),
    /schema registry.*without a schema registry/,
  ],
  ['Protobuf behind a schema registry', bytes(0, 0, 0, 0, 7, 0, message), /schema registry/],
  ['JSON behind a schema registry', bytes(0, 0, 0, 0, 7, json), /JSON behind.*JSON serializer/],
  ['a schema registry GUID', bytes(1, Buffer.alloc(16, 9), json), /GUID.*plain JSON/],
  ['AWS Glue', bytes(3, 0, Buffer.alloc(16, 9), json), /Glue.*plain JSON/],
  ['an Avro object container', bytes('Obj', 1, 4, 'avro.schema', json), /container.*JSON/],
  ['Avro, single object', bytes(0xc3, 1, Buffer.alloc(8, 9), 'SECRET-KEY-0001'), /single-object.*JSON/],
  ['Protobuf', message, /Protobuf.*JSON/],
  ['Protobuf with one message inside', bytes(0x0a, message.length, message), /Protobuf.*JSON/],
  ['gzip', bytes(0x1f, 0x8b, 8, 0), /gzip/],
  ['raw HTTP', Buffer.from('GET /a?apikey=SECRET-KEY-0001 HTTP/1.1\r\nhost: a\r\n'), /meta_format/],
];

test.each(framed)('%s is refused, with what to change, and nothing of it is told', (_, value, says) => {
  for (const format of ['auto', 'kong', 'nginx-combined'] as const) {
    const ingest = createIngest({ format, keyIs: 'auto', trustedProxies: [], maxRecordBytes: 1_000 });
    const results = ingest.ingest(value);
    expect(results).toMatchObject([{ kind: 'rejected', rejection: { detail: expect.stringMatching(says) } }]);
    expect(JSON.stringify(results)).not.toContain('SECRET');
  }
});

test.each([
  ['JSON', json],
  ['JSON after a line feed', bytes('\n', json)],
  ['JSON after a tab and a byte order mark', bytes('\ufeff\t', json)],
  ['an indented array', Buffer.from('\r\n  [\n{}\n]\n')],
  ['a line of NGINX', Buffer.from('203.0.113.9 - - [24/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"')],
  ['an IPv6 line', Buffer.from('2001:db8::1 - - [24/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"')],
  ['a word', Buffer.from('GET it')],
  ['letters of other scripts', Buffer.from('Ünïcode «text»')],
  ['nothing', Buffer.alloc(0)],
  ['a NUL', Buffer.of(0)],
])('%s is no framing', (_, value) => expect(framingFault(value)).toBeUndefined());

test('a text without control characters is never taken for Protobuf', () => {
  for (let length = 0; length < 200; length += 1) expect(framingFault(bytes('\n', 'a'.repeat(length)))).toBeUndefined();
});
