import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { addressOfHop, canonicalAddress, createClientAddress } from '../../src/ingest/client-address';

describe('canonical text', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::FFFF:cb00:7109', '203.0.113.9'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['2001:0:0:1:0:0:1:1', '2001::1:0:0:1:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::', '::'],
    ['1::', '1::'],
    ['fe80::1%eth0', 'fe80::1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is %s', (text, canonical) => expect(canonicalAddress(text)).toBe(canonical));

  test.each([
    '',
    '-',
    'unknown',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.256',
    '1..2.3',
    ' 1.2.3.4',
    '1.2.3.4\n',
    ':::',
    '1:2',
    '2001:db8::g',
    'a'.repeat(1e5),
  ])('%p is no address', (text) => expect(canonicalAddress(text)).toBeUndefined());

  test('agrees with the platform on every address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const family = text.includes(':') ? 'ipv6' : 'ipv4';
        const platform = new SocketAddress({ address: text, family }).address;
        const canonical = canonicalAddress(text) ?? 'none';
        // The platform writes mapped and the deprecated compatible addresses in dotted form; only mapped ones are IPv4.
        if (platform.includes(':') && platform.includes('.')) expect(canonicalAddress(platform)).toBe(canonical);
        else expect(canonical).toBe(platform);
      }),
      { numRuns: 2_000 },
    );
  });
});

test.each([
  ['203.0.113.9:4711', '203.0.113.9'],
  [' 203.0.113.9 ', '203.0.113.9'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['203.0.113.9:x', undefined],
  ['[2001:db8::1]x', undefined],
  ['[2001:db8::1', undefined],
  ['unknown', undefined],
  ['_hidden', undefined],
])('the address of hop %p is %p', (hop, address) => expect(addressOfHop(hop)).toBe(address));

describe('the client behind proxies', () => {
  const client = createClientAddress(['10.0.0.0/8', '192.0.2.1', '2001:db8:ffff::/48']);
  const from = (peer: string, forwardedFor = '', forwarded = '') => client({ peer, forwardedFor, forwarded });

  test('what an untrusted peer claims is not believed', () => {
    expect(from('203.0.113.9', '6.6.6.6')).toBe('203.0.113.9');
    expect(createClientAddress([])({ peer: '10.0.0.1', forwardedFor: '6.6.6.6', forwarded: '' })).toBe('10.0.0.1');
  });
  test('the first untrusted hop from the right is the client, however many were invented before it', () => {
    expect(from('10.0.0.1', '6.6.6.6, 1.1.1.1, 198.51.100.7, 10.9.9.9, 192.0.2.1')).toBe('198.51.100.7');
    expect(from('10.0.0.1:443', '6.6.6.6,198.51.100.7:5000')).toBe('198.51.100.7');
    expect(from('::ffff:10.0.0.1', '[2001:DB8::7]:5000')).toBe('2001:db8::7');
    expect(from('2001:db8:ffff::1', '198.51.100.7')).toBe('198.51.100.7');
  });
  test('where all hops are trusted the leftmost is the client', () => {
    expect(from('10.0.0.1', '10.1.1.1, 10.2.2.2')).toBe('10.1.1.1');
    expect(from('10.0.0.1')).toBe('10.0.0.1');
  });
  test('a hop that is no address ends the walk at the hop that reported it', () => {
    expect(from('10.0.0.1', '6.6.6.6, unknown, 10.2.2.2')).toBe('10.2.2.2');
    expect(from('10.0.0.1', 'unknown')).toBe('10.0.0.1');
  });
  test('RFC 7239 is read where there is no X-Forwarded-For', () => {
    expect(from('10.0.0.1', '', 'for=6.6.6.6, For="[2001:db8::7]:4711";proto=https;by=10.0.0.1, for=10.2.2.2')).toBe(
      '2001:db8::7',
    );
    expect(from('10.0.0.1', '', 'for=_secret, proto=http;for=198.51.100.7')).toBe('198.51.100.7');
    expect(from('10.0.0.1', '', 'by=10.0.0.2')).toBe('10.0.0.1');
    expect(from('10.0.0.1', '198.51.100.7', 'for=6.6.6.6')).toBe('198.51.100.7');
  });
  test('a peer that is no address gives none', () => {
    expect(from('unix:', '6.6.6.6')).toBe('');
    expect(from('', '6.6.6.6')).toBe('');
  });
  test('a header of a megabyte is looked at from its end only', () => {
    expect(from('10.0.0.1', `${'10.3.3.3,'.repeat(100_000)}198.51.100.7, 10.2.2.2`)).toBe('198.51.100.7');
  });
  test.each(['nonsense', '10.0.0.0/33', '2001:db8::/129', '10.0.0.0/x', '999.0.0.0/8'])(
    'trusted proxy %p is refused',
    (entry) => {
      expect(() => createClientAddress([entry])).toThrow(/trusted proxy/);
    },
  );
});
