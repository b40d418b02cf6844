import type { Look } from '../../../src/detect/model';
import { FEATURES, placeOf, SPOKEN, surpriseOfInput } from '../../../src/detect/model/features';
import type { UsageEvent } from '../../../src/domain/event';
import type { Facet } from '../../../src/domain/evidence';
import { Engine } from '../../../src/engine';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testSettings } from '../../support/events';
import { blankModel } from '../../support/model';

const model = blankModel();
const past = steadyFleet(12, 10);
/** A thief on `k1`: another country, client and network, many denied requests within two hours. */
const theft: UsageEvent[] = Array.from({ length: 200 }, (_, i) =>
  anEvent({
    ts: T0 + 10 * DAY + 9 * HOUR + i * 30_000,
    key: 'k1',
    ip: '203.0.113.9',
    country: 'BR',
    userAgent: 'python-requests/2.31',
    route: `/v1/admin/${i % 40}`,
    path: `/v1/admin/${i % 40}`,
    status: i % 3 === 0 ? 403 : 200,
  }),
);
const log = entriesOf([...past, ...theft]);

const same = (a: Engine, b: Engine) => Buffer.from(a.checkpoint()).equals(Buffer.from(b.checkpoint()));

function byWindow<T extends { readonly window: number }>(looks: readonly T[]): T[][] {
  const found = new Map<number, T[]>();
  for (const look of looks) found.set(look.window, [...(found.get(look.window) ?? []), look]);
  return [...found.values()];
}

function run(settings: Parameters<typeof testSettings>[0], batch = log.length) {
  const engine = new Engine(testSettings(settings));
  const alerts = [];
  for (let i = 0; i < log.length; i += batch) alerts.push(...engine.advance(log.slice(i, i + batch)).alerts);
  return { engine, alerts };
}

function looksOf(models: { model: typeof model; used: boolean }[] = []): (Look & { copy: Float32Array })[] {
  const looks: (Look & { copy: Float32Array })[] = [];
  run({ model: { models, seen: (look) => looks.push({ ...look, copy: look.vector.slice() }) } });
  return looks;
}

describe('windows', () => {
  const looks = looksOf().filter(({ key }) => key === 'k1');

  test('a window is looked at when a detector becomes more surprised within it, and holds the most of each', () => {
    expect(looks.length).toBeGreaterThan(3);
    for (const ofWindow of byWindow(looks)) {
      for (let i = 1; i < ofWindow.length; i++) {
        const before = ofWindow[i - 1].copy.subarray(0, SPOKEN);
        const after = ofWindow[i].copy.subarray(0, SPOKEN);
        expect(after.every((value, f) => value >= before[f])).toBe(true);
        expect(after.some((value, f) => value > before[f])).toBe(true);
      }
    }
  });

  test('the next hour begins with nothing', () => {
    const windows = byWindow(looks);
    const [first, second] = windows.slice(-2);
    const newcomer = placeOf('newcomer');
    expect(first.at(-1)!.copy[newcomer]).toBeGreaterThan(0);
    const events = Math.expm1(second[0].copy[SPOKEN + 1] * 8);
    expect(events).toBeLessThan(121);
  });

  test('the vector says what the detectors said', () => {
    const most = looks.reduce((a, b) => (a.copy[0] > b.copy[0] ? a : b));
    const told = run({}).alerts.flatMap(({ keywatch }) => keywatch.evidence ?? []);
    const newcomer = Math.max(...told.filter((e) => e.detector === 'newcomer').map((e) => e.surprise));
    expect(surpriseOfInput(most.copy[0])).toBeCloseTo(Math.min(newcomer, 255 / 32), 1);
    expect(most.copy).toHaveLength(FEATURES);
  });

  test('refused logins (401) move no window: anybody can name a key', () => {
    const refused = theft.map((event) => ({ ...event, status: 401 }));
    const heard: Look[] = [];
    const engine = new Engine(testSettings({ model: { models: [], seen: (look) => heard.push(look) } }));
    engine.advance(entriesOf(past));
    const before = heard.length;
    engine.advance(entriesOf(refused, past.length));
    expect(heard.length).toBe(before);
  });
});

describe('in shadow', () => {
  test('is evaluated and changes no document', () => {
    const without = run({});
    const shadow: number[] = [];
    const seen = ({ verdicts }: Look) => shadow.push(...verdicts.map(({ surprise }) => surprise));
    const beside = run({ model: { models: [{ model, used: false }], seen } });
    expect(beside.alerts).toEqual(without.alerts);
    expect(Math.max(...shadow)).toBeGreaterThan(2);
  });

  test('switching a model on or off forgets nothing of what others learned', () => {
    const off = new Engine(testSettings());
    off.advance(entriesOf(past));
    const on = new Engine(testSettings({ model: { models: [{ model, used: false }] } }));
    expect(on.restore(off.checkpoint())).toEqual(['model.window', 'model.spoken']);
    const back = new Engine(testSettings());
    expect(back.restore(on.checkpoint())).toEqual([]);
    expect(same(back, off)).toBe(true);
  });
});

describe('in use', () => {
  const on = { model: { models: [{ model, used: true }] } };
  const pieces = run(on).alerts.flatMap(({ keywatch }) => keywatch.evidence ?? []);
  const joint = pieces.filter(({ facet }) => facet === 'joint');

  test('says in words which detectors were odd together', () => {
    expect(joint.length).toBeGreaterThan(0);
    const [{ saw, expected, detector }] = joint;
    expect(detector).toBe('model');
    expect(saw).toMatch(/^[a-z, ]+ and [a-z]+ together are unusual within one hour: /);
    expect(saw).toMatch(/newcomer as odd as 1 day in [\d,]+ \(\d+ %\)/);
    expect(expected).toContain('newcomer as on any day');
  });

  test('a broken net of two models speaks no louder than the better one in use', () => {
    const loud = blankModel({
      name: 'loud',
      calibration: [
        [1e-9, 0],
        [2e-9, 9],
      ],
    });
    const both = run({
      model: {
        models: [
          { model, used: true },
          { model: loud, used: false },
        ],
      },
    });
    expect(both.alerts).toEqual(run(on).alerts);
  });

  test('batches do not matter, nor a restart in the middle', () => {
    const whole = run(on);
    const cut = run(on, 97);
    expect(cut.alerts).toEqual(whole.alerts);
    expect(same(cut.engine, whole.engine)).toBe(true);
    const half = new Engine(testSettings(on));
    const middle = past.length + 50;
    const alerts = [...half.advance(log.slice(0, middle), { next: middle, cursor: '' }).alerts];
    const resumed = new Engine(testSettings(on));
    resumed.restore(half.checkpoint());
    alerts.push(...resumed.advance(log.slice(middle)).alerts);
    expect(alerts).toEqual(whole.alerts);
  });

  test('an expected change of the key is no oddity of the model either', () => {
    const engine = new Engine(testSettings(on));
    engine.advance(entriesOf(past));
    const facets: Facet[] = ['actor', 'geography', 'client', 'volume', 'errors', 'auth', 'routes', 'time'];
    const until = T0 + 20 * DAY;
    engine.advance([{ kind: 'command', command: { type: 'expect', key: 'k1', facets, until, by: 'test' } }]);
    const { alerts } = engine.advance(entriesOf(theft, past.length));
    expect(alerts.flatMap(({ keywatch }) => keywatch.evidence ?? []).filter(({ facet }) => facet === 'joint')).toEqual(
      [],
    );
    expect(theft[1].ts - theft[0].ts).toBeLessThan(MINUTE);
  });
});
