import fc from 'fast-check';
import { parsePath, valueAt } from '../../src/ingest/path';

const at = (record: unknown, text: string) => {
  const path = parsePath(text);
  if (path === undefined) throw new Error(`${text}: no path`);
  return valueAt(record, path);
};

test.each([
  ['a', ['a']],
  ['a.b', ['a', 'b']],
  ['a."b.c".d', ['a', 'b.c', 'd']],
  ['"@timestamp"', ['@timestamp']],
  ['@timestamp', ['@timestamp']],
  ['http.request.header.x-api-key[0]', ['http', 'request', 'header', 'x-api-key', 0]],
  ['a[12][3].b', ['a', 12, 3, 'b']],
])('%s', (text, path) => expect(parsePath(text)).toEqual(path));

test.each([
  '',
  '.',
  'a.',
  '.a',
  'a..b',
  'a[',
  'a[-1]',
  'a[x]',
  'a[12345]',
  'a b',
  '"a',
  'a"b"',
  '""',
  'a[0]b',
  `${'a.'.repeat(8)}a`,
  'a'.repeat(257),
])('%p is no path', (text) => expect(parsePath(text)).toBeUndefined());

test('only own properties are found', () => {
  const record = JSON.parse('{"a":{"b":[{"c":1}]},"__proto__":{"d":2}}');
  expect(at(record, 'a.b[0].c')).toBe(1);
  expect(at(record, '__proto__.d')).toBe(2);
  for (const text of [
    'constructor',
    'toString',
    '__proto__.__proto__',
    'a.constructor.name',
    'a.b.length',
    'a.b.0',
    'a[0]',
    'd',
  ])
    expect([text, at(record, text)]).toEqual([text, undefined]);
});

test('any path on any JSON finds what is there, or nothing, and never throws', () => {
  const name = fc.constantFrom('a', '"b.c"', '__proto__', 'constructor', 'length', 'toString');
  const path = fc.array(name, { minLength: 1, maxLength: 8 }).map((names) => names.join('.'));
  fc.assert(
    fc.property(fc.jsonValue(), path, fc.string(), (value, text, odd) => {
      const found = at(value, text);
      expect(['function', 'symbol']).not.toContain(typeof found);
      const path = parsePath(odd);
      if (path !== undefined) valueAt(value, path);
    }),
    { numRuns: 2_000 },
  );
});
