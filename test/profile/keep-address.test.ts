import fc from 'fast-check';
import { isAddress, isAddressHash, shownAddress } from '../../src/domain/address';
import { createAddressKeeper } from '../../src/profile/keep-address';
import { parseNetwork } from '../../src/profile/network';
import { withoutAddress } from '../../src/profile/without-address';

const pepper = Buffer.from('a pepper for tests only, 1');
const hash = createAddressKeeper({ mode: 'hash', pepper, version: 1 });
const drop = createAddressKeeper({ mode: 'drop', pepper, version: 1 });
const truncate = createAddressKeeper({ mode: 'truncate', version: 1 });

const v4 = fc.ipV4();
const v6 = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(':'));
const anyAddress = fc.oneof(v4, v6);

test('truncated to /24 and /48', () => {
  expect(truncate('198.51.100.7')).toBe('198.51.100.0');
  expect(truncate('2001:db8:1:2::1')).toBe('2001:db8:1::');
  expect(truncate('2001:db8::1')).toBe('2001:db8::');
  expect(truncate('::1')).toBe('::');
  expect(truncate('')).toBe('');
  expect(parseNetwork(truncate('198.51.100.7')).near).toBe(parseNetwork('198.51.100.7').near);
  expect(parseNetwork(truncate('2001:db8:1:2::1')).nearName).toBe('2001:db8:1::/48');
});

test('a stand-in is no address, and says the pepper it was made with', () => {
  const kept = hash('198.51.100.7');
  expect(kept).toMatch(/^h1(:[\w-]{8})(\.[\w-]{8}){2}$/);
  expect([isAddress(kept), isAddressHash(kept), shownAddress(kept)]).toEqual([false, true, kept]);
  const none = drop('198.51.100.7');
  expect([isAddress(none), isAddressHash(none), shownAddress(none)]).toEqual([false, false, '']);
  expect(parseNetwork(none).nearName).toBe('an address that is not kept');
  expect(parseNetwork(kept).nearName).toBe(`network ${kept.slice(0, kept.lastIndexOf('.'))}`);
  const turned = createAddressKeeper({ mode: 'hash', pepper: Buffer.from('another'), version: 2 });
  expect(turned('198.51.100.7')).toMatch(/^h2:/);
  expect(turned('198.51.100.7').slice(3)).not.toBe(kept.slice(3));
  expect(() => createAddressKeeper({ mode: 'drop', version: 1 })).toThrow('pepper');
  expect(() => createAddressKeeper({ mode: 'hash', pepper: Buffer.alloc(0), version: 1 })).toThrow('pepper');
});

test('stand-ins are near to each other exactly where their addresses are', () => {
  const steps = (ip: string) => {
    const { address, near, wide } = parseNetwork(ip);
    return [address, near, wide];
  };
  const same = (a: string, b: string) => steps(a).map((step, i) => step === steps(b)[i]);
  const pair = fc.oneof(
    fc.tuple(anyAddress, anyAddress),
    v4.chain((ip) => fc.integer({ min: 0, max: 255 }).map((n) => [ip, ip.replace(/\d+$/, String(n))] as const)),
    v6.chain((ip) => fc.integer({ min: 0, max: 7 }).map((n) => [ip, ip.split(':').fill('1', n).join(':')] as const)),
  );
  fc.assert(
    fc.property(pair, ([a, b]) => {
      for (const keep of [hash, drop]) expect(same(keep(a), keep(b))).toEqual(same(a, b));
    }),
  );
});

test('no stand-in has a part of its address in it', () => {
  fc.assert(
    fc.property(anyAddress, (ip) => {
      for (const keep of [hash, drop]) expect(keep(ip)).not.toContain(ip);
      expect(createAddressKeeper({ mode: 'hash', pepper, version: 1 })(ip)).toBe(hash(ip));
    }),
  );
});

test("the client's own address leaves the texts, and nothing else does", () => {
  const text = (path: string) =>
    withoutAddress({ keyName: '', path, route: '', userAgent: '', requestId: '' }, '10.1.2.3').path;
  expect(text('/whois/10.1.2.3/x')).toBe('/whois/[address]/x');
  expect(text('10.1.2.3')).toBe('[address]');
  expect(text('10.1.2.3,10.1.2.3')).toBe('[address],[address]');
  expect(text('/a/110.1.2.3/10.1.2.34')).toBe('/a/110.1.2.3/10.1.2.34');
  expect(text('/a/110.1.2.3/10.1.2.3')).toBe('/a/110.1.2.3/[address]');
});
