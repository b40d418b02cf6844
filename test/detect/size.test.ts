import { size } from '../../src/detect/size';
import type { UsageEvent } from '../../src/domain/event';
import { random } from '../../src/simulate/random';
import { standOf, strongest } from '../support/detectors';
import { anEvent, DAY, HOUR, MINUTE, steadyFleet, T0 } from '../support/events';

const rng = random('sizes');
/** Twenty keys over three weeks; answers of about 2 kB, log-normal. */
const past = steadyFleet(20, 21).map((e) => ({ ...e, bytes: Math.round(rng.logNormal(2_000, 0.5)) }));
const lived = standOf(size);
lived.feed(past);

const NOON = T0 + 21 * DAY + 12 * HOUR;
const answers = (n: number, every: number, bytes: number, over: Partial<UsageEvent> = {}) =>
  Array.from({ length: n }, (_, i) => anEvent({ ts: NOON + i * every, bytes, ...over }));

test('as many requests as always with much larger answers are told, in bytes', () => {
  const findings = lived.restored().feed(answers(6, 10 * MINUTE, 500_000));
  expect(strongest(findings)).toBeGreaterThan(2);
  const [{ evidence }] = findings;
  expect(evidence.facet).toBe('volume');
  expect(evidence.aboutActor).toBe(false);
  expect(evidence.saw).toMatch(/^[\d.]+ (k|M)B sent within one (hour|day)$/);
  expect(evidence.expected).toMatch(/^about [\d.]+ kB (an hour|a day) when in use, at most [\d.]+ kB so far$/);
});

test('it is told before the hour is over, and only each time the bytes have doubled', () => {
  const findings = lived.restored().feed(answers(600, 1_000, 20_000));
  expect(findings[0].event.ts - NOON).toBeLessThan(MINUTE);
  expect(findings.length).toBeLessThan(20);
});

test('what leaves slowly is seen over the day', () => {
  const findings = lived.restored().feed(answers(60, 10 * MINUTE, 9_000));
  expect(findings.map((f) => f.evidence.saw).join()).toContain('within one day');
});

test('the next day like the ones before is nothing', () => {
  const usual = past.filter((e) => e.ts < T0 + DAY).map((e) => ({ ...e, ts: e.ts + 21 * DAY }));
  expect(strongest(lived.restored().feed(usual))).toBeLessThan(1.5);
});

test('a key of great spread is not odd within it', () => {
  const wide = (seed: string, days: number, from: number) => {
    const draw = random(seed);
    return Array.from({ length: days * 24 }, (_, i) =>
      anEvent({ ts: from + i * HOUR, key: 'wide', bytes: Math.round(draw.logNormal(20_000, 1.6)) }),
    );
  };
  const stand = lived.restored();
  stand.feed(wide('past', 21, T0));
  const most: number[] = [];
  for (const event of wide('next', 100, T0 + 21 * DAY)) most.push(strongest(stand.feed([event])));
  expect(most.filter((s) => s >= 2).length).toBeLessThanOrEqual(3);
});

test('when everyone takes more, nobody is odd', () => {
  const all = Array.from({ length: 60 }, (_, i) =>
    Array.from({ length: 20 }, (_, k) => anEvent({ ts: NOON + i * MINUTE + k, key: `k${k + 1}`, bytes: 12_000 })),
  ).flat();
  const together = lived.restored().feed(all);
  const alone = lived.restored().feed(all.filter((e) => e.key === 'k20'));
  expect(strongest(together.filter((f) => f.event.key === 'k20'))).toBeLessThan(strongest(alone) / 2);
});

test('a young key and a log without sizes say nothing', () => {
  expect(lived.restored().feed(answers(100, 1_000, 1e9, { key: 'new' }))).toEqual([]);
  expect(lived.restored().feed(answers(100, 1_000, 0).map((e) => ({ ...e, bytes: undefined })))).toEqual([]);
});

test('what is not learned does not become usual', () => {
  const [taught, untaught] = [lived.restored(), lived.restored()];
  const day = (n: number) => answers(6, 10 * MINUTE, 30_000).map((e) => ({ ...e, ts: e.ts + n * DAY }));
  for (let n = 0; n < 40; n++) {
    taught.feed(day(n));
    untaught.feed(day(n), () => false);
  }
  expect(strongest(taught.feed(day(40)))).toBeLessThan(strongest(untaught.feed(day(40))));
});
