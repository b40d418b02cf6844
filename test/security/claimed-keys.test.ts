import type { UsageEvent } from '../../src/domain/event';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testEngine } from '../support/events';

/**
 * A log may name the key that a caller merely claimed: NGINX writes the user of a login that failed. Such a caller must
 * not have the key suspended, make himself at home on it, or fill the tables.
 */

const at = (day: number, i = 0) => T0 + day * DAY + 9 * HOUR + i * MINUTE;
const stranger = (ts: number, status: number, over: Partial<UsageEvent> = {}) =>
  anEvent({ ts, status, ip: '203.0.113.50', country: 'BR', userAgent: 'python-requests/2.31', ...over });

function run(events: readonly UsageEvent[]) {
  const engine = testEngine();
  const sorted = [...events].sort((a, b) => a.ts - b.ts);
  return { engine, ...engine.advance(entriesOf(sorted), { next: sorted.length, cursor: '' }) };
}

test('refused logins under a name do not get its key suspended; accepted ones from the same place do', () => {
  const series = (status: number) => Array.from({ length: 200 }, (_, i) => stranger(at(18, i), status));
  expect(run([...steadyFleet(20, 20), ...series(401)]).requests).toEqual([]);
  expect(run([...steadyFleet(20, 20), ...series(200)]).requests[0]).toMatchObject({ key: 'k1', decidedAt: at(18) });
});

test('refused logins on a young key do not make their sender familiar to it', () => {
  const early = [0, 1, 2, 3].flatMap((day) => [stranger(at(day), 401), stranger(at(day, 1), 401)]);
  const theft = Array.from({ length: 20 }, (_, i) => stranger(at(18, i), 200));
  expect(run([...steadyFleet(20, 20), ...early, ...theft]).requests).toHaveLength(1);
});

test('refused logins of a former thief do not have the key suspended again', () => {
  const theft = Array.from({ length: 20 }, (_, i) => stranger(at(15, i), 200));
  const after = Array.from({ length: 200 }, (_, i) => stranger(at(15, 120 + i), 401));
  expect(run([...steadyFleet(20, 18), ...theft, ...after]).requests).toHaveLength(1);
  const accepted = after.map((event) => ({ ...event, status: 200 }));
  expect(run([...steadyFleet(20, 18), ...theft, ...accepted]).requests.length).toBeGreaterThan(1);
});

test('made-up keys take no rows, open no incidents', () => {
  const invented = Array.from({ length: 5_000 }, (_, i) =>
    stranger(at(5) + i * 1_000, 401, { key: `made-up-${i % 2_500}`, userAgent: `agent ${i}` }),
  );
  const { engine, alerts } = run([...steadyFleet(20, 6), ...invented]);
  expect(engine.keys).toBe(20);
  // Nothing about a key, and one notice about where they come from.
  expect(alerts.filter(({ user }) => user !== undefined)).toEqual([]);
  expect(alerts.map(({ event }) => event.action)).toEqual(['keys-guessed']);
});
