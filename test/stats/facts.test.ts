import fc from 'fast-check';
import { FactTable, factHome, factTag } from '../../src/stats/facts';

const name = (owner: number, level: number, value: number) =>
  [factHome(owner, level, value), factTag(owner + 1, level, value)] as const;

test('what was added is found with its first and last time and its count', () => {
  const facts = new FactTable(1_024);
  const [home, tag] = name(1, 2, 3);
  expect(facts.find(home, tag)).toBe(-1);
  facts.add(home, tag, 100);
  facts.touch(facts.find(home, tag), 160);
  facts.touch(facts.find(home, tag), 150);
  const slot = facts.find(home, tag);
  expect([facts.first(slot), facts.last(slot), facts.count(slot)]).toEqual([100, 160, 3]);
});

test('growing loses nothing', () => {
  const facts = new FactTable(1 << 20);
  const seen = Array.from({ length: 50_000 }, (_, i) => name(i % 97, i % 8, i));
  for (const [i, [home, tag]] of seen.entries()) facts.add(home, tag, i + 1);
  const lost = seen.filter(([home, tag]) => facts.find(home, tag) < 0).length;
  expect(lost).toBeLessThanOrEqual(facts.evictions());
  expect(lost).toBeLessThan(seen.length / 100);
});

test('a full table forgets the longest unseen of a bucket and stays within its bound', () => {
  const facts = new FactTable(512);
  for (let i = 0; i < 20_000; i++) facts.add(...name(5, 1, i), i + 1);
  expect(facts.bytes()).toBe(512 * 20);
  expect(facts.size()).toBeLessThanOrEqual(512);
  expect(facts.find(...name(5, 1, 19_999))).toBeGreaterThanOrEqual(0);
  expect(facts.find(...name(5, 1, 3))).toBe(-1);
});

test('facts of different owners, levels and values are told apart', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.nat(), fc.nat(7), fc.nat()), { maxLength: 200, selector: String }),
      (all) => {
        const facts = new FactTable(1 << 16);
        const half = Math.floor(all.length / 2);
        for (const [o, l, v] of all.slice(0, half)) facts.add(...name(o, l, v), 1);
        for (const [o, l, v] of all.slice(0, half)) expect(facts.find(...name(o, l, v))).toBeGreaterThanOrEqual(0);
        for (const [o, l, v] of all.slice(half)) expect(facts.find(...name(o, l, v))).toBe(-1);
      },
    ),
  );
});

test('a flood of new facts displaces the flood, not facts that have lasted for days', () => {
  const day = 86_400;
  const facts = new FactTable(4_096);
  const settled = Array.from({ length: 400 }, (_, i) => name(i, 2, i));
  for (const [home, tag] of settled) facts.add(home, tag, day);
  for (const [home, tag] of settled) facts.touch(facts.find(home, tag), 15 * day);
  for (let i = 0; i < 50_000; i++) facts.add(...name(9_999, 8, i), 17 * day + i);
  const kept = settled.filter(([home, tag]) => facts.find(home, tag) >= 0).length;
  expect(kept).toBeGreaterThan(settled.length * 0.98);
});
