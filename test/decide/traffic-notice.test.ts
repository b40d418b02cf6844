import { tellTraffic } from '../../src/decide/traffic-notice';
import { alertDocument } from '../../src/domain/alert';
import type { TrafficIncident } from '../../src/domain/traffic';
import { MINUTE, T0 } from '../support/events';

const since = T0 - 21 * 86_400_000;
const incident: TrafficIncident = {
  from: T0,
  until: T0 + 5 * MINUTE,
  surprise: 1.1461,
  movements: [
    { subject: 'fleet', name: '', measure: 'failures', saw: 0.312, expected: 0.0123, nearest: 0.04, since },
    { subject: 'route', name: 'GET /v1/items', measure: 'requests', saw: 1_740, expected: 320.4, nearest: 860, since },
    { subject: 'tenant', name: '', measure: 'requests', saw: 0, expected: 300, nearest: 250, since },
    { subject: 'fleet', name: '', measure: 'keys', saw: 12, expected: 40, nearest: 31, since },
  ],
};

test('the notice keeps to the schema, is no alert and names no key', () => {
  const document = tellTraffic(incident, 3, 'dry-run');
  expect(alertDocument.strict().parse(document)).toEqual(document);
  expect(document.event).toMatchObject({ kind: 'event', action: 'traffic-unusual', severity: 21, risk_score: 0 });
  expect(document.user).toBeUndefined();
  expect(document.related).toBeUndefined();
});

test('it says in words what was seen, what was expected and since when', () => {
  const document = tellTraffic(incident, 3, 'dry-run');
  expect(document.event.reason).toBe(
    'Saw 31 % of all requests refused or failed (401, 403, 429, 5xx) within 5 minutes. ' +
      'Expected about 1.2 % at this hour of the week; nearest before: 4.0 %, since 2025-12-15. ' +
      'Also unusual: 1,740 requests to GET /v1/items; 0 requests of one of the busiest tenants; 12 keys in use.',
  );
  expect(document.keywatch.evidence).toHaveLength(4);
  expect(document.keywatch.evidence[1]).toMatchObject({
    facet: 'volume',
    saw: '1,740 requests to GET /v1/items within 5 minutes',
    expected: 'about 320 at this hour of the week; nearest before: 860',
  });
});

test('the id comes from partition and window', () => {
  const id = (from: number, partition: number) => tellTraffic({ ...incident, from }, partition, 'enforce').event.id;
  expect(id(T0, 0)).toBe(id(T0, 0));
  expect(new Set([id(T0, 0), id(T0, 1), id(T0 + 5 * MINUTE, 0)]).size).toBe(3);
});
