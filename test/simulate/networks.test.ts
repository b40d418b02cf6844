import { lookup } from 'geoip-lite';
import { addressOf, blocks, blocksOf, rangeOf, subnet, utcOffset } from '../../src/simulate/networks';

const text = (n: number) => `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;

describe('networks', () => {
  it('lie in the country that geoip-lite answers, all through', () => {
    for (const block of blocks) {
      const { base, size } = rangeOf(block.cidr);
      const wrong: string[] = [];
      for (let n = 1; n < size; n += 61)
        if (lookup(text(base + n))?.country !== block.country) wrong.push(text(base + n));
      expect({ cidr: block.cidr, wrong }).toEqual({ cidr: block.cidr, wrong: [] });
    }
  });

  it('are listed once, have a time zone, and no two owners share addresses', () => {
    expect(new Set(blocks.map((b) => b.cidr)).size).toBe(blocks.length);
    for (const { country } of blocks) expect(utcOffset).toHaveProperty(country);
    const sorted = blocks.map((b) => rangeOf(b.cidr)).sort((a, b) => a.base - b.base);
    for (let i = 1; i < sorted.length; i++)
      expect(sorted[i]!.base).toBeGreaterThanOrEqual(sorted[i - 1]!.base + sorted[i - 1]!.size);
  });

  it('give addresses inside the range, neither network nor broadcast', () => {
    for (const block of blocksOf({ kind: ['vpn', 'mobile'] })) {
      const range = subnet(block, 77_777);
      for (let host = 0; host < 500; host++) {
        const address = rangeOf(addressOf(range, host)).base;
        expect(address).toBeGreaterThan(range.base);
        expect(address).toBeLessThan(range.base + range.size - 1);
      }
    }
  });
});
