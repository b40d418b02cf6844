import fc from 'fast-check';
import { factsFrom, shardFromBytes, shardToBytes } from '../../src/stats/fact-bytes';
import { SHARDS } from '../../src/stats/fact-shard';
import { FactTable, factHome, factTag } from '../../src/stats/facts';

const name = (owner: number, level: number, value: number) =>
  [factHome(owner, level, value), factTag(owner + 1, level, value)] as const;

test('what was added is found with its first day, its last time and its count', () => {
  const facts = new FactTable(1_024);
  const [home, tag] = name(1, 2, 3);
  expect(facts.find(home, tag)).toBe(-1);
  facts.add(home, tag, 200_000);
  facts.touch(facts.find(home, tag), 200_060);
  facts.touch(facts.find(home, tag), 200_050);
  const slot = facts.find(home, tag);
  expect([facts.firstDay(slot), facts.last(slot), facts.count(slot)]).toEqual([2, 200_060, 3]);
});

test('growing loses nothing', () => {
  const facts = new FactTable(1 << 20);
  const seen = Array.from({ length: 50_000 }, (_, i) => name(i % 97, i % 8, i));
  for (const [i, [home, tag]] of seen.entries()) facts.add(home, tag, i + 1);
  const lost = seen.filter(([home, tag]) => facts.find(home, tag) < 0).length;
  expect([lost, facts.evictions(), facts.size()]).toEqual([0, 0, seen.length]);
  expect(facts.bytes() / seen.length).toBeLessThan(28);
});

test('a full table forgets the longest unseen of a bucket and stays within its bound', () => {
  const facts = new FactTable(2_048);
  for (let i = 0; i < 20_000; i++) facts.add(...name(5, 1, i), i + 1);
  expect(facts.bytes()).toBe(2_048 * 16);
  expect(facts.size()).toBeLessThanOrEqual(2_048);
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

/** The last seconds by which a table answers for each name; −1 where it has none. */
const answers = (facts: FactTable, names: readonly (readonly [number, number])[]) =>
  names.map(([home, tag]) => {
    const slot = facts.find(home, tag);
    return slot < 0 ? -1 : facts.last(slot);
  });

const bytesOf = (table: FactTable) => Array.from({ length: SHARDS }, (_, shard) => shardToBytes(table, shard));

test('a table that was written and read goes on as if it had not been, full or not', () => {
  for (const slots of [1_024, 1 << 16]) {
    const facts = new FactTable(slots);
    for (let i = 0; i < 5_000; i++) facts.add(...name(i % 89, 3, i), 1_000 + i);
    const copy = new FactTable(slots);
    for (const [shard, bytes] of bytesOf(facts).entries()) shardFromBytes(copy, shard, bytes);
    expect([copy.size(), copy.bytes()]).toEqual([facts.size(), facts.bytes()]);
    for (let i = 5_000; i < 9_000; i++) {
      facts.add(...name(i % 89, 3, i), 1_000 + i);
      copy.add(...name(i % 89, 3, i), 1_000 + i);
    }
    expect(bytesOf(copy)).toEqual(bytesOf(facts));
  }
});

test('facts of a checkpoint of version 1 are taken over', () => {
  const names = Array.from({ length: 100 }, (_, i) => name(i, 4, i));
  const bytes = (array: Uint32Array | Float32Array) => ({ version: 1, data: new Uint8Array(array.buffer) });
  const slots = (of: (i: number) => number) =>
    Uint32Array.from({ length: 256 }, (_, i) => (i % 2 === 0 && i < 200 ? of(i / 2) : 0));
  const facts = factsFrom(
    new Map([
      ['facts.home', bytes(slots((i) => names[i][0]))],
      ['facts.tag', bytes(slots((i) => names[i][1]))],
      ['facts.first', bytes(slots((i) => 86_400 * i))],
      ['facts.last', bytes(slots((i) => 86_400 * i + 7))],
      ['facts.count', bytes(Float32Array.from(slots((i) => i)))],
    ]),
    1 << 16,
  );
  expect(answers(facts, names)).toEqual(names.map((_, i) => 86_400 * i + 7));
  const slot = facts.find(...names[9]);
  expect([facts.firstDay(slot), facts.count(slot), facts.size()]).toEqual([9, 9, 100]);
});

test('arrays of an unknown version, and a shard of another size, are refused', () => {
  const part = { version: 9, data: new Uint8Array(0) };
  expect(() => factsFrom(new Map([['facts.home', part]]), 1_024)).toThrow('version 9');
  const table = new FactTable(1_024);
  const bytes = shardToBytes(table, 3);
  expect(() => shardFromBytes(table, 3, { ...bytes, facts: bytes.facts + 1 })).toThrow('another size');
  expect(() => shardFromBytes(table, SHARDS, bytes)).toThrow('another size');
});
