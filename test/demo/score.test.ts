import { type DemoResult, scoreDemo } from '../../src/demo/score';
import type { AlertDocument } from '../../src/domain/alert';
import type { TheftLabel } from '../../src/simulate/simulate';

const start = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();
const at = (hours: number) => start + hours * HOUR;

const label = (key: string, from: number, until: number, kind: TheftLabel['kind']): TheftLabel => ({
  key,
  start: iso(at(from)),
  end: iso(at(until - 1)),
  windowEnd: iso(at(until)),
  kind,
  events: 20,
  theftId: `t-${key}`,
  thief: { country: 'VN', ip: '14.160.0.1' },
});

const alert = (key: string | undefined, hours: number, kind: 'alert' | 'event' = 'alert'): AlertDocument =>
  ({
    '@timestamp': iso(at(hours)),
    event: { kind, risk_score: 80 },
    ...(key === undefined ? {} : { user: { id: key, name: key } }),
  }) as AlertDocument;

const base: DemoResult = {
  alerts: [],
  labels: [label('a', 70, 72, 'theft-abroad'), label('b', 80, 84, 'theft-replay')],
  newcomers: [{ key: 'c', at: at(90), kind: 'new-host' }],
  stolen: Array.from({ length: 20 }, (_, i) => ({ key: 'a', ts: at(70) + i * 60_000 })),
  start,
  end: at(100),
  keys: ['a', 'b', 'c', 'd'],
  quietShare: 0.6,
};
const scored = (...alerts: AlertDocument[]) => scoreDemo({ ...base, alerts });

describe('scoreDemo', () => {
  it('finds a theft from its first request until an hour after its window', () => {
    expect(scored(alert('a', 70)).found).toBe(1);
    expect(scored(alert('a', 73)).found).toBe(1);
    expect(scored(alert('a', 69.9)).found).toBe(0);
    expect(scored(alert('a', 73.1)).found).toBe(0);
    expect(scored(alert('b', 70)).found).toBe(0);
  });

  it('counts only alerts with a key', () => {
    expect(scored(alert('a', 71, 'event'), alert(undefined, 71))).toMatchObject({ found: 0, falseAlerts: 0 });
  });

  it('states the delay in requests and in simulated time', () => {
    const [first, second] = scored(alert('a', 70.05)).thefts;
    expect(first).toMatchObject({ found: true, requests: 4, delayMs: 180_000, of: 20, country: 'VN' });
    expect(second).toMatchObject({ found: false, requests: undefined, delayMs: undefined });
  });

  it('counts at most one false alert a key in a day, and tells those at newcomers apart', () => {
    const result = scored(alert('d', 61), alert('d', 63), alert('d', 86), alert('c', 91));
    expect(result).toMatchObject({ falseAlerts: 3, falseKeys: 2, atNewcomers: 1, newcomers: 1, found: 0 });
  });

  it('does not judge the quiet time, and says how many alerts it saw', () => {
    expect(scored(alert('d', 10), alert('d', 59))).toMatchObject({ falseAlerts: 0, early: 2 });
    expect(scored().keyDays).toBeCloseTo((4 * 40) / 24, 9);
  });
});
