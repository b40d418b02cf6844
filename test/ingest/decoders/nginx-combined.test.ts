import fc from 'fast-check';
import { createClientAddress } from '../../../src/ingest/client-address';
import { nginxCombinedDecoder } from '../../../src/ingest/decoders/nginx-combined';

const context = { keyField: '', clientAddress: createClientAddress([]) };
const lineWith = (agent: string) =>
  `203.0.113.9 - acme [24/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 1 "-" "${agent}"`;

/** What NGINX does to a variable by default: quotes, backslashes, controls and bytes above 126 become `\xHH`. */
const escapeLikeNginx = (text: string) =>
  [...Buffer.from(text)]
    .map((byte) =>
      byte === 34 || byte === 92 || byte < 32 || byte > 126
        ? `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`
        : String.fromCharCode(byte),
    )
    .join('');

test('reads back whatever NGINX escaped', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (agent) => {
      fc.pre(agent !== '-');
      expect(nginxCombinedDecoder.decode(lineWith(escapeLikeNginx(agent)), context)).toMatchObject({
        userAgent: agent,
      });
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ['a\\x', 'ax'],
  ['a\\x2', 'ax2'],
  ['a\\xzz', 'axzz'],
  ['a\\"b', 'a"b'],
  ['a\\\\b', 'a\\b'],
])('an escape that NGINX does not write, %p, loses its backslash only', (logged, agent) =>
  expect(nginxCombinedDecoder.decode(lineWith(logged), context)).toMatchObject({ userAgent: agent }),
);

test('a quote inside the request cannot forge the fields after it', () => {
  const forged = lineWith('-').replace('/a', '/a\\x22 200 0 \\x22-\\x22 \\x22curl');
  expect(nginxCombinedDecoder.decode(forged, context)).toMatchObject({
    path: '/a" 200 0 "-" "curl',
    status: 200,
    bytes: 1,
  });
});
