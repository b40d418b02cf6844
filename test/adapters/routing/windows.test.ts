import fc from 'fast-check';
import { createMaintenance, type MaintenanceWindow } from '../../../src/adapters/routing/windows';
import { isZone } from '../../../src/domain/inventory';
import { alertDocument } from '../../support/alerts';

const incident = { id: 'i', state: 'open', requests: 1 } as const;
const everyone = { keys: [], tenants: [], tiers: [] };
const weekly = (over: Partial<NonNullable<MaintenanceWindow['weekly']>> = {}): MaintenanceWindow => ({
  name: 'weekly',
  weekly: { days: ['sat'], from: '22:00', to: '02:00', zone: 'Europe/Berlin', ...over },
  match: everyone,
});

function at(time: string, over: { key?: string; tenant?: string } = {}) {
  const { key = 'key-1', tenant } = over;
  const document = alertDocument({ user: { id: key, name: key }, keywatch: { incident } });
  return {
    ...document,
    '@timestamp': time,
    ...(tenant === undefined ? {} : { organization: { id: tenant } }),
  };
}

const endOf = (window: MaintenanceWindow, time: string): string | undefined => {
  const muting = createMaintenance([window], () => 'standard')(at(time));
  return muting && new Date(muting.end).toISOString();
};

test('from … to: the first moment is in it, the last is not', () => {
  const window = { name: 'once', from: '2026-03-01T22:00:00+01:00', to: '2026-03-02T02:00:00+01:00', match: everyone };
  expect(endOf(window, '2026-03-01T20:59:59.999Z')).toBeUndefined();
  expect(endOf(window, '2026-03-01T21:00:00.000Z')).toBe('2026-03-02T01:00:00.000Z');
  expect(endOf(window, '2026-03-02T00:59:59.999Z')).toBe('2026-03-02T01:00:00.000Z');
  expect(endOf(window, '2026-03-02T01:00:00.000Z')).toBeUndefined();
});

test.each([
  ['Friday evening', '2026-01-30T21:30:00.000Z', undefined],
  ['Saturday before ten in Berlin', '2026-01-31T20:59:59.000Z', undefined],
  ['Saturday at ten in Berlin', '2026-01-31T21:00:00.000Z', '2026-02-01T01:00:00.000Z'],
  ['Sunday before two in Berlin', '2026-02-01T00:59:59.000Z', '2026-02-01T01:00:00.000Z'],
  ['Sunday at two in Berlin', '2026-02-01T01:00:00.000Z', undefined],
  ['Sunday evening', '2026-02-01T21:30:00.000Z', undefined],
  ['in summer an hour earlier by UTC', '2026-07-04T20:00:00.000Z', '2026-07-05T00:00:00.000Z'],
])('a weekly window over midnight: %s', (_, time, end) => {
  expect(endOf(weekly(), time)).toBe(end);
});

test.each([
  ['clocks go forward at two: the night is an hour shorter', '2026-03-28T22:00:00.000Z', '2026-03-29T03:00:00.000Z'],
  ['clocks go back at three: the night is an hour longer', '2026-10-24T21:00:00.000Z', '2026-10-25T04:00:00.000Z'],
])('the end is what the wall shows, where %s', (_, time, end) => {
  expect(endOf(weekly({ to: '05:00' }), time)).toBe(end);
});

test('a window within a day, to its end, and of a whole day', () => {
  expect(endOf(weekly({ from: '09:00', to: '24:00', zone: 'UTC' }), '2026-01-31T23:59:59.000Z')).toBe(
    '2026-02-01T00:00:00.000Z',
  );
  expect(endOf(weekly({ from: '09:00', to: '24:00', zone: 'UTC' }), '2026-01-31T08:59:00.000Z')).toBeUndefined();
  expect(endOf(weekly({ from: '06:00', to: '06:00', zone: 'UTC' }), '2026-02-01T05:59:00.000Z')).toBe(
    '2026-02-01T06:00:00.000Z',
  );
});

test('property: whoever is in a weekly window at some moment is so until its end, and not at it', () => {
  const hour = fc.integer({ min: 0, max: 23 });
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe');
  const text = (h: number) => `${String(h).padStart(2, '0')}:30`;
  fc.assert(
    fc.property(hour, hour, zones, fc.integer({ min: 0, max: 365 * 96 }), (from, to, zone, quarter) => {
      fc.pre(from !== to);
      const window = weekly({ days: ['mon', 'wed'], from: text(from), to: text(to), zone });
      const muting = createMaintenance([window], () => '');
      const ts = Date.UTC(2026, 0, 1) + quarter * 900_000;
      const inside = muting(at(new Date(ts).toISOString()));
      if (inside === undefined) return;
      expect(inside.end).toBeGreaterThan(ts);
      expect(inside.end - ts).toBeLessThanOrEqual(25 * 3_600_000);
      expect(muting(at(new Date(inside.end).toISOString()))).toBeUndefined();
    }),
    { numRuns: 400 },
  );
});

test('patterns: of a list any, of the lists all; an empty one fits all', () => {
  const once = { name: 'w', from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
  const mutes = (match: MaintenanceWindow['match'], key: string, tenant?: string) =>
    createMaintenance([{ ...once, match }], (id) => (id.startsWith('pay') ? 'payments' : 'standard'))(
      at('2026-06-01T00:00:00.000Z', { key, ...(tenant === undefined ? {} : { tenant }) }),
    ) !== undefined;
  expect(mutes({ ...everyone, keys: ['batch-*', 'x'] }, 'batch-7')).toBe(true);
  expect(mutes({ ...everyone, keys: ['batch-*', 'x'] }, 'x1')).toBe(false);
  expect(mutes({ ...everyone, tenants: ['acme'] }, 'k', 'acme')).toBe(true);
  expect(mutes({ ...everyone, tenants: ['acme'] }, 'k')).toBe(false);
  expect(mutes({ ...everyone, tiers: ['pay*'] }, 'pay-1')).toBe(true);
  expect(mutes({ ...everyone, keys: ['pay-*'], tiers: ['standard'] }, 'pay-1')).toBe(false);
});

test('the first window that fits counts; notices and documents without a key fall into none', () => {
  const always = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z', match: everyone };
  const muting = createMaintenance(
    [
      { name: 'a', ...always },
      { name: 'b', ...always },
    ],
    () => '',
  );
  const document = at('2026-06-01T00:00:00.000Z');
  expect(muting(document)?.name).toBe('a');
  expect(muting({ ...document, keywatch: { mode: 'enforce', action: 'suspend', evidence: [] } })).toBeUndefined();
  const { user, ...keyless } = document;
  expect(user).toBeDefined();
  expect(muting(keyless)).toBeUndefined();
});

test('zones', () => {
  expect(['UTC', 'Europe/Berlin', 'Europe/Berlon', ''].map(isZone)).toEqual([true, true, false, false]);
});
