import fc from 'fast-check';
import { createWeekClock, within } from '../../src/detect/limits/hours';
import { type KeyFacts, keyFacts, weekdays } from '../../src/domain/inventory';
import { declaring } from '../support/declared';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testEngine } from '../support/events';

const past = steadyFleet(3, 6, 30 * MINUTE);
const later = T0 + 6 * DAY + 9 * HOUR;

/** What keywatch says of one request of a key of which this is declared, after six quiet days. */
function said(declared: Partial<KeyFacts>, over: Parameters<typeof anEvent>[0] = {}) {
  const engine = testEngine();
  engine.advance(entriesOf(past));
  engine.advance([declaring({ ...keyFacts.parse({ key: 'k1' }), ...declared })]);
  const event = anEvent({ ts: later, ip: '198.51.1.7', userAgent: 'client-1/1.1', ...over });
  const { alerts } = engine.advance([...entriesOf([event], past.length), { kind: 'tick', ts: event.ts + HOUR }]);
  const ofKey = alerts.filter(({ user }) => user?.id === 'k1');
  return { alerts: ofKey, piece: ofKey.flatMap((a) => a.keywatch.evidence).find((e) => e.detector === 'limits') };
}

test.each<[string, Partial<KeyFacts>, Parameters<typeof anEvent>[0], RegExp, RegExp]>([
  [
    'network',
    { cidrs: ['203.0.113.0/24'] },
    {},
    /outside the declared networks \(198\.51\.1\.7\)/,
    /203\.0\.113\.0\/24/,
  ],
  ['IPv6 network', { cidrs: ['2001:db8::/32'] }, { ip: '2001:db9::1' }, /networks \(2001:db9::1\)/, /2001:db8/],
  ['country', { countries: ['FR'] }, {}, /Germany \(DE\)/, /only FR/],
  ['route', { routes: ['GET /v2/*'] }, {}, /GET \/v1\/orders/, /GET \/v2\/\*/],
  ['method', { routes: ['POST /v1/orders'] }, {}, /GET \/v1\/orders/, /POST/],
  [
    'hours',
    { hours: { zone: 'UTC', days: ['mon'], from: '10:00', to: '12:00' } },
    {},
    /Sun 09:00 UTC/,
    /mon 10:00–12:00/,
  ],
  [
    'route by a detour of the path',
    { routes: ['GET /v1/orders/*'] },
    { route: '/v1/admin/keys', path: '/v1/orders/../admin/keys' },
    /GET \/v1\/admin\/keys/,
    /orders/,
  ],
  [
    'route by an escaped detour',
    { routes: ['GET /v1/orders/*'] },
    { route: '/v1/admin/keys', path: '/v1/orders/%2e%2E/admin/keys' },
    /GET \/v1\/admin\/keys/,
    /orders/,
  ],
  ['validity', { expires: later - DAY }, {}, /expired key/, /none since 2026-01-10/],
])('use outside the declared %s is a broken rule, told with what was declared', (_, declared, over, saw, expected) => {
  const { piece, alerts } = said(declared, over);
  expect(piece).toMatchObject({ kind: 'rule', surprise: 0, confidence: 1 });
  expect(piece?.saw).toMatch(saw);
  expect(piece?.expected).toMatch(expected);
  expect(alerts[0].event.risk_score).toBeGreaterThanOrEqual(60);
  expect(alerts[0].event.severity).toBeGreaterThanOrEqual(47);
});

test.each<[string, Partial<KeyFacts>, Parameters<typeof anEvent>[0]]>([
  ['all within', { cidrs: ['198.51.0.0/16'], countries: ['DE'], routes: ['GET /v1/*'], expires: later + DAY }, {}],
  ['a route by the path as called', { routes: ['/v1/orders'] }, { route: '/{version}/orders' }],
  ['nothing declared', { owner: 'payments' }, {}],
  ['no address, no country', { cidrs: ['198.51.0.0/16'], countries: ['DE'] }, { ip: '', country: '' }],
])('%s: no rule is broken', (_, declared, over) => {
  expect(said(declared, over).piece).toBeUndefined();
});

test('several broken limits are told at once', () => {
  const { piece } = said({ countries: ['FR'], expires: later - DAY });
  expect(piece?.saw).toMatch(/not declared \(Germany \(DE\)\); use of an expired key/);
});

test('a long list is told shortened', () => {
  const cidrs = Array.from({ length: 200 }, (_, i) => `10.${i}.0.0/16`);
  expect(said({ cidrs }).piece?.expected).toMatch(/10\.4\.0\.0\/16 and 195 more, as declared$/);
});

test('tier, tenant and name come from the inventory where the log has none', () => {
  const { alerts } = said({ countries: ['FR'], tenant: 'acme', name: 'Checkout' });
  expect(alerts[0]).toMatchObject({ organization: { id: 'acme' }, user: { id: 'k1', name: 'Checkout' } });
});

describe('declared hours', () => {
  const clock = createWeekClock();

  test.each([
    ['Europe/Berlin', '2026-03-29T00:59:59Z', 'Sun 01:59'],
    ['Europe/Berlin', '2026-03-29T01:00:00Z', 'Sun 03:00'],
    ['Asia/Kathmandu', '2026-01-05T00:00:00Z', 'Mon 05:45'],
    ['America/St_Johns', '2026-01-05T01:00:00Z', 'Sun 21:30'],
    ['Pacific/Kiritimati', '2026-01-04T12:00:00Z', 'Mon 02:00'],
  ])('the clock of %s at %s says %s', (zone, utc, local) => {
    const minute = clock(zone, Date.parse(utc) / 1000);
    const [day, time] = local.toLowerCase().split(' ');
    const [hour, minutes] = time.split(':').map(Number);
    expect(minute).toBe(weekdays.map(String).indexOf(day) * 1440 + hour * 60 + minutes);
  });

  test('law: within and outside divide the week as a list of its minutes does', () => {
    const two = (n: number) => String(n).padStart(2, '0');
    const time = fc.integer({ min: 0, max: 1439 }).map((m) => `${two(Math.floor(m / 60))}:${two(m % 60)}`);
    fc.assert(
      fc.property(fc.subarray([...weekdays], { minLength: 1 }), time, time, (days, from, to) => {
        const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
        const length = (minutes(to) - minutes(from) + 1440) % 1440 || 1440;
        const open = new Set<number>();
        for (const day of days)
          for (let i = 0; i < length; i++) open.add((weekdays.indexOf(day) * 1440 + minutes(from) + i) % 10_080);
        for (let m = 0; m < 10_080; m += 7)
          if (within({ zone: 'UTC', days, from, to }, m) !== open.has(m)) return false;
        return true;
      }),
    );
  });

  test('to the end of the day', () => {
    const hours = { zone: 'UTC', days: ['mon' as const], from: '18:00', to: '24:00' };
    expect([1440 + 1080, 1440 + 1439, 2880].map((minute) => within(hours, minute))).toEqual([true, true, false]);
  });
});
