import fc from 'fast-check';
import {
  type Counts,
  judgeQuality,
  noteCounts,
  noteLag,
  noteTaken,
  type Quality,
  untested,
} from '../../src/enforce/quality';

const MINUTE = 60_000;
const settings = { windowMs: 10 * MINUTE, decodeErrors: 0.2, clockFaults: 0.2 };
const T = 1_000 * MINUTE;
const after = (...counts: (Partial<Counts> & { readonly at?: number })[]): Quality =>
  counts.reduce((quality, { at = T, ...rest }) => noteCounts(quality, rest, at, settings), untested);
const railOf = (quality: Quality, now = T, partition = 0) => judgeQuality(quality, partition, now, settings)?.rail;

test('nothing counted, nothing wrong', () => {
  expect(railOf(untested)).toBeUndefined();
});

test('a gap holds until it has left the window', () => {
  const quality = after({ events: 1_000 }, { gaps: 1 }, { events: 1_000, at: T + MINUTE });
  expect(judgeQuality(quality, 0, T + MINUTE, settings)).toEqual({ rail: 'data-quality', detail: 'the log has a gap' });
  expect(railOf(quality, T + 9 * MINUTE)).toBe('data-quality');
  expect(railOf(quality, T + 11 * MINUTE)).toBeUndefined();
});

test('records that could not be read hold above their share, of enough records', () => {
  expect(railOf(after({ events: 80, decodeErrors: 20 }))).toBeUndefined();
  expect(judgeQuality(after({ events: 79, decodeErrors: 21 }), 0, T, settings)?.detail).toBe(
    '21 % of the records could not be read',
  );
  expect(railOf(after({ decodeErrors: 99 }))).toBeUndefined();
  expect(railOf(after({ decodeErrors: 100 }))).toBe('data-quality');
});

test('wrong clocks hold above their share of the events', () => {
  expect(railOf(after({ events: 1_000, clockFaults: 200 }))).toBeUndefined();
  expect(railOf(after({ events: 1_000, clockFaults: 201 }))).toBe('data-quality');
});

test('a partition that was taken over holds until few records wait; the others do not', () => {
  const taken = noteTaken(untested, 3);
  expect(railOf(taken, T, 3)).toBe('catching-up');
  expect(railOf(taken, T, 4)).toBeUndefined();
  expect(railOf(noteLag(taken, 3, 1_001, 1_000), T, 3)).toBe('catching-up');
  expect(railOf(noteLag(taken, 3, 1_000, 1_000), T, 3)).toBeUndefined();
  expect(railOf(noteLag(noteLag(taken, 3, 0, 1_000), 3, 5_000, 1_000), T, 3)).toBeUndefined();
});

test('a clock that was set back loses nothing that was counted', () => {
  expect(railOf(after({ events: 100 }, { gaps: 1, at: T - 5 * MINUTE }))).toBe('data-quality');
});

const step = fc.record({
  later: fc.integer({ min: 0, max: 5 * MINUTE }),
  events: fc.nat(500),
  decodeErrors: fc.nat(500),
  gaps: fc.constantFrom(0, 0, 0, 1),
});

test('law: judged as by counting everything of the last window anew, give or take a bucket; memory is bounded', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let quality = untested;
      let now = T;
      const all: { at: number; gaps: number }[] = [];
      for (const { later, ...counts } of steps) {
        now += later;
        quality = noteCounts(quality, counts, now, settings);
        all.push({ at: now, gaps: counts.gaps });
        const within = (ms: number) => all.some(({ at, gaps }) => gaps > 0 && at > now - ms);
        const found = judgeQuality(quality, 0, now, settings)?.detail === 'the log has a gap';
        if (within(settings.windowMs - MINUTE)) expect(found).toBe(true);
        if (!within(settings.windowMs)) expect(found).toBe(false);
        expect(quality.buckets.length).toBeLessThanOrEqual(13);
      }
    }),
  );
});
