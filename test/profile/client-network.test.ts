import fc from 'fast-check';
import { parseClient, withoutVersions } from '../../src/profile/client';
import { parseNetwork } from '../../src/profile/network';

describe('clients', () => {
  test('versions are no difference of family, products are', () => {
    const a = parseClient('curl/8.4.0');
    const b = parseClient('curl/8.5.1-DEV');
    const c = parseClient('python-requests/2.31');
    expect(a.agent).not.toBe(b.agent);
    expect(a.family).toBe(b.family);
    expect(a.product).toBe(b.product);
    expect(c.product).not.toBe(a.product);
    expect(a.name).toBe('curl');
  });

  test('browsers are told apart by brand although all say Mozilla', () => {
    const chrome = parseClient('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36');
    const firefox = parseClient('Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0');
    expect(chrome.product).not.toBe(firefox.product);
    expect(chrome.name).toBe('browser Chrome');
  });

  test('an absent agent has a name for people', () => {
    expect(parseClient('').name).toBe('no agent');
  });

  test('any text is parsed, and a family does not depend on digits', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), fc.nat(), fc.nat(), (text, a, b) => {
        expect(parseClient(text).name.length).toBeLessThanOrEqual(40);
        expect(withoutVersions(`x/${a} y`)).toBe(withoutVersions(`x/${b} y`));
      }),
    );
  });
});

describe('networks', () => {
  test('IPv4 addresses of one /24 share the near, of one /16 the wide network', () => {
    const a = parseNetwork('203.0.113.9');
    const b = parseNetwork('203.0.113.200');
    const c = parseNetwork('203.0.7.9');
    const d = parseNetwork('198.51.100.1');
    expect(a.address).not.toBe(b.address);
    expect(a.near).toBe(b.near);
    expect(a.near).not.toBe(c.near);
    expect(a.wide).toBe(c.wide);
    expect(a.wide).not.toBe(d.wide);
    expect(a.nearName).toBe('203.0.113.0/24');
  });

  test('IPv6 host bits are no difference, the /48 is', () => {
    const a = parseNetwork('2001:db8:1:2::1');
    const b = parseNetwork('2001:db8:1:2:aaaa:bbbb:cccc:dddd');
    const c = parseNetwork('2001:db8:2::1');
    expect(a.address).toBe(b.address);
    expect(a.near).not.toBe(c.near);
    expect(a.wide).toBe(c.wide);
    expect(a.nearName).toBe('2001:db8:1::/48');
  });

  test('nothing makes it throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), (text) => {
        expect(parseNetwork(text).address).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
