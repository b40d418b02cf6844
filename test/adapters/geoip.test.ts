import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { lookup } from 'geoip-lite';
import { indexCountries } from '../../src/adapters/country-ranges';
import { createGeoip } from '../../src/adapters/geoip';

const data = (name: string) => readFileSync(join(dirname(require.resolve('geoip-lite/package.json')), 'data', name));
const { country } = createGeoip();

const v4 = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
const v6 = (top: bigint, rest = 0n) =>
  (((top << 64n) | rest).toString(16).padStart(32, '0').match(/..../g) as string[]).join(':');
const own = (ip: string) => lookup(ip)?.country ?? '';

/** Small, seeded generator (xorshift32), so that a failure can be looked at again. */
function numbers(seed: number): () => number {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

function disagreements(ips: Iterable<string>): string[] {
  const found: string[] = [];
  for (const ip of ips) if (country(ip) !== own(ip)) found.push(`${ip}: ${country(ip)} instead of ${own(ip)}`);
  return found.slice(0, 10);
}

describe('countries agree with lookup()', () => {
  it('for 200,000 random IPv4 addresses', () => {
    const next = numbers(1);
    expect(disagreements(Array.from({ length: 200_000 }, () => v4(next())))).toEqual([]);
  });

  it('at both ends of every ninth IPv4 range and next to them', () => {
    const file = data('geoip-country.dat');
    const ips: string[] = ['0.0.0.0', '255.255.255.255'];
    for (let at = 0; at < file.length; at += 90) {
      const [from, to] = [file.readUInt32BE(at), file.readUInt32BE(at + 4)];
      ips.push(v4(from - 1), v4(from), v4(to), v4(to + 1));
    }
    expect(disagreements(ips)).toEqual([]);
  });

  it('for IPv6 within, at both ends of and next to every fourth range, and in random places', () => {
    const file = data('geoip-country6.dat');
    const faulty = [...overlapping(file, 34), ...overlapping(data('geoip-city6.dat'), 48)];
    expect(faulty.length).toBeLessThan(200);
    const next = numbers(2);
    const tops: bigint[] = [];
    for (let at = 0; at < file.length; at += 136) {
      const [from, to] = [file.readBigUInt64BE(at), file.readBigUInt64BE(at + 16)];
      tops.push(from - 1n, from, from + ((to - from) * BigInt(next())) / 0xffffffffn, to, to + 1n);
    }
    for (let i = 0; i < 50_000; i++) tops.push((BigInt(0x20000000 + (next() % 0x0a200000)) << 32n) | BigInt(next()));
    const sound = tops.filter((top) => !faulty.some(([from, to]) => from <= top && top <= to));
    expect(sound.length).toBeGreaterThan(400_000);
    expect(disagreements(sound.map((top, i) => v6(top, i % 2 === 0 ? 0n : 0xffffffffffffffffn)))).toEqual([]);
  });
});

/**
 * Ranges that contain later ones. A /64 or /44 whose text ends in `::` is stored too wide in geoip-lite's files, and what
 * `lookup()` answers within depends on the places that its bisection visits.
 */
function overlapping(file: Buffer, record: number): [bigint, bigint][] {
  const found: [bigint, bigint][] = [];
  let widest: [bigint, bigint] = [-1n, -1n];
  for (let at = 0; at < file.length; at += record) {
    const [from, to] = [file.readBigUInt64BE(at), file.readBigUInt64BE(at + 16)];
    if (from <= widest[1] && found.at(-1) !== widest) found.push(widest);
    if (to > widest[1]) widest = [from, to];
  }
  return found;
}

describe('country', () => {
  it.each([
    '',
    '-',
    'unknown',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '8.8.8.8 ',
    '8..8.8',
    '.8.8.8.8',
    ':',
    ':::',
    '1:2:3',
    '::1',
    '::',
    '0.0.0.0',
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.1.1',
    '172.16.0.0',
    '172.31.255.255',
    '192.0.2.1',
    '192.168.77.1',
    '198.18.0.1',
    '198.51.100.9',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1%eth0',
    'ff02::1',
    '2001:db8::1',
    '::ffff:10.1.2.3',
  ])('is unknown for %j', (ip) => {
    expect(country(ip)).toBe('');
  });

  it('answers IPv4-mapped addresses as IPv4, in both spellings', () => {
    expect(country('81.2.69.142')).toBe('GB');
    expect(country('::ffff:81.2.69.142')).toBe('GB');
    expect(country('::FFFF:5102:458e')).toBe('GB');
  });

  it('does not depend on how an IPv6 address is written', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const spelt = fc.tuple(
      fc.constantFrom(0x2001, 0x2400, 0x2600, 0x2a00),
      fc.array(group, { minLength: 7, maxLength: 7 }),
    );
    fc.assert(
      fc.property(spelt, fc.nat(6), fc.nat(6), ([first, rest], from, length) => {
        const groups = [first, ...rest].map((value, i) => (i > from && i <= from + length ? 0 : value));
        const full = groups.map((value) => value.toString(16).padStart(4, '0')).join(':');
        const end = Math.min(8, from + 1 + length);
        const hex = (part: number[]) => part.map((value) => value.toString(16).toUpperCase()).join(':');
        const short = length === 0 ? hex(groups) : `${hex(groups.slice(0, from + 1))}::${hex(groups.slice(end))}`;
        expect(country(short)).toBe(country(full));
      }),
    );
  });

  it('never throws', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdef:.%') }),
      fc.ipV4(),
      fc.ipV6(),
    );
    fc.assert(
      fc.property(text, (ip) => expect(country(ip)).toMatch(/^([A-Z]{2})?$/)),
      { numRuns: 2_000 },
    );
  });
});

describe('index', () => {
  const record4 = (from: number, to: number, code: string) => {
    const bytes = Buffer.alloc(10);
    bytes.writeUInt32BE(from, 0);
    bytes.writeUInt32BE(to, 4);
    bytes.write(code, 8);
    return bytes;
  };
  const record6 = (from: bigint, to: bigint, code: string) => {
    const bytes = Buffer.alloc(34, 0xff);
    bytes.writeBigUInt64BE(from, 0);
    bytes.writeBigUInt64BE(0n, 8);
    bytes.writeBigUInt64BE(to, 16);
    bytes.write(code, 32);
    return bytes;
  };
  const six = record6(5n, 0x1_ffff_ffffn, 'AA');

  it('answers at the very ends of the address space', () => {
    const four = Buffer.concat([record4(0, 9, 'AA'), record4(20, 0xffffffff, 'BB')]);
    const index = indexCountries(four, Buffer.concat([six, record6(0x5_0000_0000n, 0xffff_ffff_ffff_ffffn, 'BB')]));
    expect([0, 9, 10, 19, 20, 65_535, 65_536, 0xffffffff].map(index.v4)).toEqual([
      'AA',
      'AA',
      '',
      '',
      'BB',
      'BB',
      'BB',
      'BB',
    ]);
    expect([index.v6(0, 4), index.v6(0, 5), index.v6(1, 0xffffffff), index.v6(2, 0), index.v6(4, 0xffffffff)]).toEqual([
      '',
      'AA',
      'AA',
      '',
      '',
    ]);
    expect([index.v6(5, 0), index.v6(0xffffffff, 0xffffffff)]).toEqual(['BB', 'BB']);
  });

  it('ends a range where the next one begins', () => {
    const index = indexCountries(
      record4(0, 9, 'AA'),
      Buffer.concat([record6(0n, 0xffffn, 'AA'), record6(1n, 1n, 'BB'), record6(0x10000n, 0x1ffffn, 'CC')]),
    );
    expect([0, 1, 2, 0xffff, 0x10000].map((rest) => index.v6(0, rest))).toEqual(['AA', 'BB', '', '', 'CC']);
  });

  it('refuses data of another kind', () => {
    expect(() => indexCountries(Buffer.alloc(0), six)).toThrow('records of 10 bytes');
    expect(() => indexCountries(record4(0, 9, 'AA'), six.subarray(1))).toThrow('records of 34 bytes');
    expect(() => indexCountries(Buffer.concat([record4(5, 9, 'AA'), record4(0, 1, 'BB')]), six)).toThrow('not sorted');
  });
});
