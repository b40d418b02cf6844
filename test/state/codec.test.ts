import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { createState, limitsFor } from '../../src/state';
import { atOnce, decodeState, encodeState, freezeState } from '../../src/state/codec';
import { at, type ColumnSpec, type ColumnType, part } from '../../src/stats/columns';
import { DAY, entriesOf, steadyFleet, T0, testEngine } from '../support/events';

const limits = limitsFor(2_000);
const spec = (name: string, type: ColumnType, width: number, version = 1): ColumnSpec => ({
  name,
  type,
  width,
  version,
  scope: 'key',
});
const specs: readonly ColumnSpec[] = [
  spec('a', 'f64', 1),
  spec('b', 'u8', 3),
  spec('c', 'f32', 2),
  { name: 'whole', type: 'u32', width: 4, version: 1, scope: 'partition' },
];

/** A state of so many keys, each number of which tells its row and place. */
function filled(keys: number, with_: readonly ColumnSpec[] = specs) {
  const state = createState(with_, limits);
  for (let row = 0; row < keys; row++) {
    state.keys.add(`key ${row} "é`, () => 0);
    for (const column of state.slab.columns)
      for (let i = 0; i < column.width; i++) part(column, row)[at(column, row) + i] = (row * 7 + i) % 251;
  }
  for (const column of state.columns.values()) if (column.spec.scope === 'partition') column.data.fill(41);
  for (let i = 0; i < keys * 3; i++) state.facts.add(i * 7_919, i * 104_729 + 65_536, i + 1);
  state.next = keys;
  state.cursor = 'f:1:2';
  state.names.remember(7, 'DE');
  return state;
}

const numbersOf = (state: ReturnType<typeof filled>, name: string) =>
  Array.from({ length: state.keys.size() }, (_, row) => {
    const column = state.columns.get(name)!;
    return Array.from(part(column, row).slice(at(column, row), at(column, row) + column.width));
  });

test('law: what was encoded is decoded, and encodes to the same bytes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_200 }), (keys) => {
      const bytes = encodeState(filled(keys));
      const { state, relearned } = decodeState(bytes, specs, limits);
      expect(relearned).toEqual([]);
      expect([state.keys.size(), state.next, state.cursor]).toEqual([keys, keys, 'f:1:2']);
      expect(Buffer.compare(encodeState(state), bytes)).toBe(0);
    }),
    { numRuns: 20 },
  );
});

test('pieces share nothing with the state, which may go on while they are written', () => {
  const state = filled(600);
  const pieces = atOnce(freezeState(state));
  const before = Buffer.concat(pieces);
  for (const bytes of state.slab.parts) bytes.fill(255);
  for (const column of state.columns.values()) column.data.fill(3);
  for (let i = 0; i < 500; i++) state.facts.add(i, i * 65_537, 9);
  state.keys.add('another', () => 0);
  state.gate.watermark = 5;
  expect(Buffer.compare(Buffer.concat(pieces), before)).toBe(0);
});

test('a step copies little, however many keys there are', () => {
  const steps = freezeState(filled(2_000));
  let held = 0;
  for (const _ of steps) held++;
  // Parts of rows, one shard of facts at a time, texts and the rest.
  expect(held).toBeGreaterThan(64);
});

test('columns that moved in the row are found; those of another version, type or width start empty and are told', () => {
  const bytes = encodeState(filled(700));
  const changed = [
    spec('new', 'f64', 2),
    spec('c', 'f32', 2),
    spec('b', 'u8', 3),
    spec('a', 'f64', 1, 2),
    { name: 'whole', type: 'u32', width: 2, version: 1, scope: 'partition' } as const,
  ];
  const { state, relearned } = decodeState(bytes, changed, limits);
  const plain = filled(700);
  expect([...relearned].sort()).toEqual(['a', 'new', 'whole']);
  expect(numbersOf(state, 'b')).toEqual(numbersOf(plain, 'b'));
  expect(numbersOf(state, 'c')).toEqual(numbersOf(plain, 'c'));
  for (const name of ['a', 'new'])
    expect(
      numbersOf(state, name)
        .flat()
        .every((value) => value === 0),
    ).toBe(true);
  expect(state.columns.get('whole')!.data.every((value) => value === 0)).toBe(true);
  expect(state.keys.find('key 699 "é')).toBe(699);
});

test('bytes that are cut, continued or no state at all are refused, and never read as another state', () => {
  const bytes = encodeState(filled(40));
  for (let length = 0; length < bytes.length; length += 97)
    expect(() => decodeState(bytes.subarray(0, length), specs, limits)).toThrow(/cut short|no keywatch state/);
  expect(() => decodeState(Buffer.concat([bytes, Buffer.from('x')]), specs, limits)).toThrow('too long');
  expect(() => decodeState(Buffer.from('what is this?'), specs, limits)).toThrow('no keywatch state');
  const later = Buffer.from(bytes);
  later.write('"format":3', later.indexOf('"format":2'));
  expect(() => decodeState(later, specs, limits)).toThrow('format 3');
});

describe('a checkpoint of the first format', () => {
  const first = gunzipSync(readFileSync(join(__dirname, '../fixtures/state-format-1.bin.gz')));
  /** Version of each column as it stands in the fixture. */
  const stored = new Map(
    (
      JSON.parse(first.toString('utf8', 4, 4 + first.readUInt32LE(0))) as {
        arrays: { name: string; version: number }[];
      }
    ).arrays.map(({ name, version }) => [name, version]),
  );

  test('is read: keys, place, facts, an open incident and an expectation; what changed since is told', () => {
    const engine = testEngine();
    const relearned = engine.restore(first);
    const changed = engine.specs.filter(({ name, version }) => stored.get(name) !== version);
    expect([...relearned].sort()).toEqual(changed.map(({ name }) => name).sort());
    expect([engine.keys, engine.next, engine.cursor, engine.openIncidents]).toEqual([3, 1_272, 'f:1:2', 1]);
    expect(engine.watermark).toBeGreaterThan(T0 + 6 * DAY);
    const written = decodeState(engine.checkpoint(), engine.specs, limitsFor(1_000));
    expect(written.relearned).toEqual([]);
    expect(written.state.expectations).toEqual([expect.objectContaining({ key: 'k2', by: 'ops' })]);
    expect(written.state.facts.size()).toBeGreaterThan(20);
  });

  test('goes on as the state that it is', () => {
    const on = entriesOf(
      steadyFleet(3, 8).filter(({ ts }) => ts > T0 + 7 * DAY),
      1_272,
    );
    const [one, two] = [testEngine(), testEngine()];
    one.restore(first);
    two.restore(one.checkpoint());
    for (const engine of [one, two]) engine.advance(on, { next: 1_272 + on.length, cursor: '' });
    expect(Buffer.compare(one.checkpoint(), two.checkpoint())).toBe(0);
  });
});
