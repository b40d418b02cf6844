import { featureNames, type Seen, watching } from '../../bench/newcomer-combiner/features';
import { fitLogistic } from '../../bench/newcomer-combiner/logistic';
import { newcomer } from '../../src/detect/newcomer';
import { detectors } from '../../src/detect/registry';
import { Engine } from '../../src/engine';
import { random } from '../../src/simulate/random';
import { anEvent, DAY, entriesOf, steadyFleet, T0, testSettings } from '../support/events';

const rng = random('logistic');
const truth = [1.5, -2, 0];
const examples = Array.from({ length: 4_000 }, () => {
  const features = Float64Array.from(truth, () => rng.between(-2, 2));
  const odds = truth.reduce((sum, weight, i) => sum + weight * features[i], -1);
  return { features, thief: rng.next() < 1 / (1 + Math.exp(-odds)) };
});
const at = (...features: number[]) => Float64Array.from(features);

test('the regression finds the odds that made the labels', () => {
  const odds = fitLogistic(examples, 1e-3);
  expect(odds(at(0, 0, 0))).toBeCloseTo(-1, 0);
  expect(odds(at(1, 0, 0)) - odds(at(0, 0, 0))).toBeCloseTo(1.5, 0);
  expect(odds(at(0, 1, 0)) - odds(at(0, 0, 0))).toBeCloseTo(-2, 0);
});

test('a great penalty leaves the ranking of the first feature; examples of one class are refused', () => {
  const odds = fitLogistic(examples, 1e9);
  expect(odds(at(1, 1, 1))).toBeCloseTo(odds(at(1, -1, -1)), 3);
  expect(odds(at(1, 0, 0))).toBeGreaterThan(odds(at(0, 0, 0)));
  expect(() =>
    fitLogistic(
      examples.filter(({ thief }) => thief),
      1,
    ),
  ).toThrow(RangeError);
});

test('watching tells of each newcomer once, with what the detector said, and changes no decision', () => {
  const stranger = { ip: '203.0.113.9', country: 'BR', userAgent: 'python-requests/2.31' };
  const theft = [0, 1, 2].map((i) => anEvent({ ts: T0 + 10 * DAY + i * 1_000, key: 'k1', ...stranger }));
  const log = entriesOf([...steadyFleet(12, 10), ...theft]);
  const seen: Seen[] = [];
  const alertsOf = (list: typeof detectors) => new Engine(testSettings({ detectors: list })).advance(log).alerts;
  const watched = alertsOf(detectors.map((d) => (d === newcomer ? watching(d, (one) => seen.push(one)) : d)));
  expect(watched).toEqual(alertsOf(detectors));
  const strangers = seen.filter(({ ip }) => ip === stranger.ip);
  expect(strangers).toHaveLength(1);
  const [{ closed, features }] = strangers;
  expect(features).toHaveLength(featureNames.length);
  expect(features[0]).toBe(closed);
  const said = watched
    .flatMap(({ keywatch }) => keywatch.evidence ?? [])
    .find(({ detector }) => detector === 'newcomer');
  expect(said?.surprise).toBeCloseTo(closed, 1);
});
