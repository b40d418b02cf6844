import { alertDocument } from '../../src/domain/alert';
import type { UsageEvent } from '../../src/domain/event';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testEngine } from '../support/events';

const START = T0 + 10 * DAY + 12 * HOUR;
const guesses = (n: number, ip: (i: number) => string = () => '203.0.113.9'): UsageEvent[] =>
  Array.from({ length: n }, (_, i) =>
    anEvent({ ts: START + i * 1_000, key: `guess-${i}`, ip: ip(i), country: 'BR', status: 401 }),
  );
const lived = () => {
  const engine = testEngine();
  engine.advance(entriesOf(steadyFleet(10, 10)));
  return engine;
};

test('many unknown keys refused from one network make one notice a day, without a key and without a row', () => {
  const engine = lived();
  const { keys } = engine;
  const { alerts } = engine.advance(entriesOf(guesses(200), engine.next));
  const [notice, ...others] = alerts.filter((a) => a.event.action === 'keys-guessed');
  expect(others).toEqual([]);
  expect(alertDocument.strict().parse(notice)).toEqual(notice);
  expect(notice).toMatchObject({
    event: { kind: 'event', severity: 47, type: ['denied'] },
    source: { ip: '203.0.113.9', geo: { country_iso_code: 'BR' } },
    related: { ip: ['203.0.113.9'] },
  });
  expect(notice.user).toBeUndefined();
  expect(notice.threat?.technique?.id).toContain('T1110');
  expect(notice.event.reason).toMatch(
    /^About 2\d different keys .+ were refused from 203\.0\.113\.0\/24 within \d+ minutes\.$/,
  );
  expect(JSON.stringify(notice)).not.toContain('guess-');
  expect(engine.keys).toBe(keys);
});

test('a spray from many networks is told twenty times a day at most', () => {
  const engine = lived();
  const spray = guesses(3_000, (i) => `203.0.${i % 40}.9`);
  const { alerts } = engine.advance(entriesOf(spray, engine.next));
  expect(alerts.filter((a) => a.event.action === 'keys-guessed')).toHaveLength(20);
});

test('401 for everyone at their own places is not told', () => {
  const engine = lived();
  const outage = steadyFleet(10, 1, MINUTE).map((e) => ({ ...e, ts: e.ts + 10 * DAY, status: 401 }));
  const { alerts } = engine.advance(entriesOf(outage, engine.next));
  expect(alerts.filter((a) => a.event.action === 'keys-guessed')).toEqual([]);
});

test('a key that is then used from there is alerted for it', () => {
  const engine = lived();
  const use = anEvent({ ts: START + 5 * MINUTE, ip: '203.0.113.50', country: 'BR', userAgent: 'client-1/1.1' });
  const { alerts } = engine.advance(entriesOf([...guesses(60), use], engine.next));
  const [alert] = alerts.filter((a) => a.event.kind === 'alert' && a.user?.id === 'k1');
  expect(alert.keywatch.evidence.map((e) => e.detector)).toContain('stuffing');
});
