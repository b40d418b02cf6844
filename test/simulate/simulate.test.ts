import fc from 'fast-check';
import { usageEventRecord } from '../../src/domain/event';
import { newcomerKinds } from '../../src/simulate/fleet';
import { theftKinds } from '../../src/simulate/kinds';
import { formatRecord, labels, newcomers, type SimulateOptions, simulate } from '../../src/simulate/simulate';

const DAY = 86_400_000;
const bytes = (options: SimulateOptions) => {
  const lines: string[] = [];
  for (const { record } of simulate(options)) lines.push(formatRecord(record));
  return lines.join('\n');
};

const fleetShapes = (options: SimulateOptions, shape: string) =>
  [...simulate({ ...options, days: 1, thefts: 0 })].flatMap(({ record }) =>
    record.keyName!.startsWith(shape) ? [record.key] : [],
  );

const someOptions = fc.record({
  seed: fc.integer({ min: 0, max: 1_000_000 }),
  keys: fc.integer({ min: 32, max: 60 }),
  days: fc.double({ min: 0.3, max: 4, noNaN: true }),
  thefts: fc.integer({ min: 0, max: theftKinds.length }),
  ratePerKeyDay: fc.integer({ min: 5, max: 60 }),
  incidents: fc.boolean(),
});

describe('simulate', () => {
  const usual = { seed: 11, keys: 40, days: 4, thefts: 10, ratePerKeyDay: 60 } as const;

  it('writes the same bytes for the same seed, also when iterated again, and others for another', () => {
    expect(bytes(usual)).toBe(bytes(usual));
    const again = simulate({ ...usual, days: 1 });
    expect([...again]).toEqual([...again]);
    expect(bytes(usual)).not.toBe(bytes({ ...usual, seed: 12 }));
  });

  it('leaves the owners alone: thefts add events and change none', () => {
    const owners = (thefts: number) =>
      [...simulate({ ...usual, thefts })].filter((e) => e.theftId === undefined).map((e) => formatRecord(e.record));
    expect(owners(10)).toEqual(owners(0));
  });

  it('writes records that keywatch reads', () => {
    for (const { record } of simulate({ ...usual, days: 1 })) expect(usageEventRecord.parse(record)).toEqual(record);
  });

  it('is in time order, within its span, and its labels are exactly its thefts', () => {
    fc.assert(
      fc.property(someOptions, (options) => {
        const start = Date.UTC(2026, 0, 5);
        const seen = new Map<string, { key: string; first: string; last: string; events: number }>();
        let previous = start;
        let disorder = 0;
        for (const { at, record, theftId } of simulate(options)) {
          if (at < previous || record.ts !== new Date(at).toISOString()) disorder++;
          previous = at;
          if (theftId === undefined) continue;
          const theft = seen.get(theftId) ?? { key: record.key, first: String(record.ts), last: '', events: 0 };
          if (record.key !== theft.key) disorder++;
          seen.set(theftId, { ...theft, last: String(record.ts), events: theft.events + 1 });
        }
        expect(disorder).toBe(0);
        expect(previous).toBeLessThan(start + options.days * DAY + 1);
        const stated = labels(options);
        expect(new Set(stated.map((l) => l.key)).size).toBe(stated.length);
        expect(stated.map((l) => l.theftId).sort()).toEqual([...seen.keys()].sort());
        for (const label of stated) {
          const theft = seen.get(label.theftId)!;
          expect([label.key, label.start, label.end, label.events]).toEqual([
            theft.key,
            theft.first,
            theft.last,
            theft.events,
          ]);
          expect(label.events).toBeGreaterThan(0);
          expect(label.windowEnd >= label.end).toBe(true);
          expect(Date.parse(label.start)).toBeGreaterThanOrEqual(start + 0.65 * options.days * DAY - 1);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('knows every kind of theft, by turns or by name', () => {
    const all = labels({ ...usual, keys: 160, thefts: theftKinds.length });
    expect(new Set(all.map((l) => l.kind))).toEqual(new Set(theftKinds));
    expect(labels({ ...usual, thefts: ['theft-replay', 'theft-replay'] }).map((l) => l.kind)).toEqual([
      'theft-replay',
      'theft-replay',
    ]);
  });

  it('gives one thief fifty keys, in a small fleet one in twenty', () => {
    const together = (keys: number) => labels({ ...usual, keys, days: 1, thefts: ['theft-many-keys'] });
    expect(together(1_200)).toHaveLength(50);
    expect(together(400)).toHaveLength(20);
    expect(together(40)).toHaveLength(3);
    expect(new Set(together(400).map((l) => l.thief.ip)).size).toBe(1);
  });

  it('by turns leaves out the kinds that no key suits, and never gives a kind without trace to another shape', () => {
    const shapes = new Map(labels({ ...usual, keys: 90, thefts: 24 }).map((l) => [l.key, l.kind]));
    const phones = new Set(fleetShapes({ ...usual, keys: 90 }, 'mobile'));
    for (const [key, kind] of shapes) if (kind === 'theft-same-carrier') expect(phones).toContain(key);
    expect([...shapes.values()]).toContain('theft-same-carrier');
    const servers = { ...usual, mix: { server: 1 } } as const;
    expect(new Set(labels({ ...servers, thefts: 20 }).map((l) => l.kind))).not.toContain('theft-same-carrier');
    expect(() => labels({ ...servers, thefts: ['theft-same-carrier'] })).toThrow(
      /none is left for a theft-same-carrier/,
    );
  });

  it('mixes shapes as told', () => {
    const named = (options: SimulateOptions) =>
      new Set([...simulate(options)].map((e) => e.record.keyName!.split('-')[0]));
    expect(named({ ...usual, days: 1, thefts: 0, mix: { batch: 1, human: 1 } })).toEqual(new Set(['batch', 'human']));
    expect(() => simulate({ ...usual, mix: {} })).toThrow(RangeError);
  });

  it('refuses what it cannot do', () => {
    expect(() => simulate({ ...usual, keys: 0 })).toThrow(/keys/);
    expect(() => simulate({ ...usual, days: 0 })).toThrow(/days/);
    expect(() => simulate({ ...usual, ratePerKeyDay: Number.NaN })).toThrow(/ratePerKeyDay/);
    expect(() => simulate({ ...usual, quietShare: 1 })).toThrow(/quietShare/);
    expect(() => simulate({ ...usual, thefts: -1 })).toThrow(/thefts/);
    expect(() => simulate({ ...usual, keys: 4, thefts: 10 })).toThrow(/too few keys/);
  });

  it('has exactly the keys asked for, about the rate asked for, and starts where told', () => {
    const start = Date.UTC(2025, 6, 1);
    const events = [...simulate({ ...usual, start, thefts: 0, incidents: false })];
    expect(new Set(events.map((e) => e.record.key)).size).toBe(usual.keys);
    const perKeyDay = events.length / usual.keys / usual.days;
    expect(perKeyDay).toBeGreaterThan(usual.ratePerKeyDay * 0.5);
    expect(perKeyDay).toBeLessThan(usual.ratePerKeyDay * 2);
    expect(events[0]!.at - start).toBeLessThan(3_600_000);
  });

  it('lists harmless newcomers within its span', () => {
    const list = newcomers({ ...usual, keys: 200 });
    expect(new Set(list.map((n) => n.kind))).toEqual(new Set(newcomerKinds));
    const start = Date.UTC(2026, 0, 5);
    for (const { at } of list) expect(at > start && at < start + usual.days * DAY).toBe(true);
  });
});
