import fc from 'fast-check';
import { incidentStarts } from '../../src/evaluate/judge';
import { score } from '../../src/evaluate/score';
import { DAY, type EvaluatedStream, HOUR } from '../../src/evaluate/types';

/** Ten days, judged from day 6; two keys, so 8 judged key-days. */
const stream = (overrides: Partial<EvaluatedStream>): EvaluatedStream => ({
  name: 's',
  alerts: [],
  labels: [],
  newcomers: [],
  start: 0,
  end: 10 * DAY,
  keys: ['a', 'b'],
  ...overrides,
});
const theft = { key: 'a', start: 7 * DAY, windowEnd: 7 * DAY + 2 * HOUR, kind: 'add-far' };
const alert = (key: string, ts: number, score = 1) => ({ key, ts, score });

describe('an alert', () => {
  it.each([
    ['before the start', theft.start - 1, 0, 1],
    ['at the start', theft.start, 1, 0],
    ['an hour after the window', theft.windowEnd + HOUR, 1, 0],
    ['later than that', theft.windowEnd + HOUR + 1, 0, 1],
    ['in the warm-up', 6 * DAY - 1, 0, 0],
  ])('%s', (_, ts, found, falseAlerts) => {
    const report = score([stream({ labels: [theft], alerts: [alert('a', ts)] })]);
    expect(report.recall.value).toBe(found);
    expect(report.falseAlerts).toHaveLength(falseAlerts);
    expect(report.falseRate.value).toBe((1000 * falseAlerts) / 8);
  });

  it('finds nothing on another key', () => {
    const report = score([stream({ labels: [theft], alerts: [alert('b', theft.start)] })]);
    expect([report.recall.value, report.falseAlerts.length]).toEqual([0, 1]);
  });

  it('is false once a key in 24 hours', () => {
    const times = [0, 5 * HOUR, 23 * HOUR, 24 * HOUR, 30 * HOUR].map((t) => 6 * DAY + t);
    const report = score([stream({ alerts: [...times.map((t) => alert('a', t)), alert('b', times[1]!)] })]);
    expect(report.falseAlerts.map(({ key, ts }) => [key, (ts - 6 * DAY) / HOUR])).toEqual([
      ['a', 0],
      ['b', 5],
      ['a', 24],
    ]);
  });

  it('is told apart at a listed newcomer', () => {
    const newcomers = [{ key: 'a', first: 8 * DAY, last: 8 * DAY + HOUR }];
    const report = score([stream({ newcomers, alerts: [alert('a', 8 * DAY), alert('b', 8 * DAY)] })]);
    expect([report.falseAlerts.length, report.falseAtNewcomers]).toEqual([2, 1]);
  });
});

it("counts the thief's requests until the alert, and recall by kind", () => {
  const other = { key: 'b', start: 8 * DAY, windowEnd: 8 * DAY + HOUR, kind: 'replace-near' };
  const attack = [0, 1, 2, 3].map((i) => ({ key: 'a', ts: theft.start + i * 1000 }));
  const report = score([stream({ labels: [theft, other], attack, alerts: [alert('a', theft.start + 2000)] })]);
  expect(report.medianRequests).toBe(3);
  expect(report.byKind).toEqual([
    { kind: 'add-far', thefts: 1, found: 1 },
    { kind: 'replace-near', thefts: 1, found: 0 },
  ]);
});

describe('budgets', () => {
  const candidates = [
    alert('b', 6.5 * DAY, 9),
    alert('a', theft.start, 5),
    alert('b', 8 * DAY, 5),
    alert('b', 9.5 * DAY, 2),
  ];
  const report = score([stream({ labels: [theft], candidates })], { budgets: [100, 130, 250, 1000] });

  it('take the lowest threshold that keeps them, equal scores together', () => {
    expect(report.budgets.map((b) => [b.threshold, b.found.value, b.falseRate])).toEqual([
      [Number.POSITIVE_INFINITY, 0, 0],
      [9, 0, 125],
      [5, 1, 250],
      [2, 1, 375],
    ]);
  });

  it('lie on the precision-recall curve', () => {
    expect(report.curve.map((p) => [p.recall, p.precision])).toEqual([
      [0, 0],
      [1, 1 / 3],
      [1, 1 / 4],
    ]);
  });
});

it('counts the sweep at a threshold as it counts the alerts above it', () => {
  const candidate = fc.record({
    key: fc.constantFrom('a', 'b'),
    ts: fc.integer({ min: 5 * DAY, max: 10 * DAY }),
    score: fc.integer({ min: 0, max: 5 }),
    above: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(candidate, { maxLength: 40 }), fc.integer({ min: 0, max: 5 }), (candidates, threshold) => {
      const options = { resamples: 0 };
      const sweep = score([stream({ labels: [theft], candidates })], options).curve;
      const point = sweep.filter((p) => p.threshold >= threshold).at(-1);
      const isUpdate = ({ above, score }: (typeof candidates)[number]) =>
        above !== undefined && above < score && threshold <= above;
      const alerts = candidates.filter((c) => c.score >= threshold && !isUpdate(c));
      const fixed = score([stream({ labels: [theft], alerts })], options);
      expect(point?.falseAlerts ?? 0).toBe(fixed.falseAlerts.length);
      expect(point?.recall ?? 0).toBe(fixed.recall.value);
    }),
  );
});

it('counts a rise of an incident as an alert only for thresholds that it crosses', () => {
  const candidates = [alert('b', 6.5 * DAY, 3), { ...alert('b', 8 * DAY, 7), above: 3 }];
  const report = score([stream({ candidates })], { resamples: 0 });
  expect(report.curve.map((p) => [p.threshold, p.falseAlerts])).toEqual([
    [7, 1],
    [3, 1],
  ]);
});

it('never counts fewer incidents when times are added', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 30 }), fc.nat(1000), (times, more) => {
      const sorted = (list: number[]) => [...list].sort((a, b) => a - b);
      const before = incidentStarts(sorted(times), 100).length;
      expect(incidentStarts(sorted([...times, more]), 100).length).toBeGreaterThanOrEqual(before);
    }),
  );
});

describe('the bootstrap', () => {
  const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
  const labels = keys.slice(0, 10).map((key) => ({ ...theft, key }));
  const alerts = keys.slice(0, 5).map((key) => alert(key, theft.start));

  it('gives the same interval for the same seed, around the estimate', () => {
    const once = score([stream({ keys, labels, alerts })], { seed: 3 });
    expect(score([stream({ keys, labels, alerts })], { seed: 3 })).toEqual(once);
    expect(once.recall.value).toBe(0.5);
    expect(once.recall.low).toBeGreaterThan(0.05);
    expect(once.recall.low).toBeLessThan(0.35);
    expect(once.recall.high).toBeGreaterThan(0.65);
  });

  it('is not narrowed by streams that repeat the same keys', () => {
    const one = stream({ keys, labels, alerts });
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    const single = score([one]).recall;
    const repeated = score([one, { ...one, name: 't' }, { ...one, name: 'u' }]).recall;
    expect(width(repeated)).toBeCloseTo(width(single), 10);
  });
});
