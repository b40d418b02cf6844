import fc from 'fast-check';
import { memo } from '../../src/ingest/memo';
import { cleanText, cut, decodeUnreserved, isLongerThan, isUnsafe, own } from '../../src/ingest/text';

/** Any sequence of UTF-16 units, lone surrogates among them. */
const anyUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), { maxLength: 40 })
  .map((units) => String.fromCharCode(...units));

test('a cleaned text has neither controls nor lone surrogates, and cleaning it again changes nothing', () => {
  fc.assert(
    fc.property(anyUnits, (text) => {
      const clean = cleanText(text);
      expect(clean).not.toMatch(/[\p{Cs}\p{Cc}\u202a-\u202e]/u);
      expect(Buffer.from(clean).toString()).toBe(clean);
      expect(cleanText(clean)).toBe(clean);
      expect(isUnsafe(text)).toBe(clean.includes('\ufffd'));
    }),
  );
});

test('a copy is the same text, whatever it holds', () => {
  fc.assert(fc.property(anyUnits, (text) => expect(own(text)).toBe(text)));
});

test('a cut is a prefix, and well formed where the text was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 20 }), (text, max) => {
      const short = cut(text, max);
      expect(text.startsWith(short)).toBe(true);
      expect(short.length).toBeLessThanOrEqual(max);
      expect(short.length).toBeGreaterThanOrEqual(Math.min(text.length, max) - 1);
      expect(isUnsafe(short) && !isUnsafe(text)).toBe(false);
    }),
  );
});

test('length is measured in code points', () => {
  fc.assert(
    fc.property(anyUnits, fc.integer({ min: 0, max: 40 }), (text, max) =>
      expect(isLongerThan(text, max)).toBe([...text].length > max),
    ),
  );
});

test('only escapes of unreserved characters are decoded', () => {
  expect(decodeUnreserved('/%61%2Db%5F%7e/%2F%20%C3%A9%zz%4')).toBe('/a-b_~/%2F%20%C3%A9%zz%4');
});

describe('memory', () => {
  test('answers as the function does, and computes once', () => {
    let computed = 0;
    const length = memo(
      (text) => {
        computed += 1;
        return text.length;
      },
      2,
      5,
    );
    expect([length('a'), length('bb'), length('a'), length('bb')]).toEqual([1, 2, 1, 2]);
    expect(computed).toBe(2);
  });

  test('forgets when full, and never keeps what is too long', () => {
    const seen: string[] = [];
    const note = memo(
      (text) => {
        seen.push(text);
        return text;
      },
      2,
      5,
    );
    for (const text of ['a', 'b', 'c', 'a', 'too long', 'too long', 'c']) expect(note(text)).toBe(text);
    expect(seen).toEqual(['a', 'b', 'c', 'a', 'too long', 'too long']);
  });
});
