import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { createKeyHasher } from '../../src/ingest/pepper';

const pepper = Buffer.from('a pepper for tests');

test('the hash is the published construction: HMAC-SHA-256 of "key", NUL and the key, 16 bytes', () => {
  const bytes = createHmac('sha256', pepper).update(Buffer.from('key\0my-key')).digest().subarray(0, 16);
  expect(createKeyHasher({ pepper, version: 3 }).hash('my-key')).toBe(`h3:${bytes.toString('base64url')}`);
});

test('the same key has the same hash, from the cache or not, and shows nothing of the key', () => {
  const hasher = createKeyHasher({ pepper, version: 1 });
  fc.assert(
    fc.property(fc.string({ minLength: 6, unit: 'binary' }), (raw) => {
      const hash = hasher.hash(raw);
      expect(hash).toMatch(/^h1:[A-Za-z0-9_-]{22}$/);
      expect(hash).not.toContain(raw);
      expect(hasher.hash(raw)).toBe(hash);
      expect(createKeyHasher({ pepper, version: 1 }).hash(raw)).toBe(hash);
    }),
  );
});

test('another pepper gives another hash; during a rotation both are there', () => {
  const old = createKeyHasher({ pepper, version: 1 });
  const rotated = createKeyHasher({ pepper: Buffer.from('the next'), version: 2, previous: { pepper, version: 1 } });
  expect(rotated.previous('k')).toBe(old.hash('k'));
  expect(rotated.hash('k').slice(3)).not.toBe(old.hash('k').slice(3));
  expect(old.previous('k')).toBeUndefined();
});

test('an empty pepper is refused', () => {
  expect(() => createKeyHasher({ pepper: Buffer.alloc(0), version: 1 })).toThrow(/pepper/);
});
