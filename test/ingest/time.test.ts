import fc from 'fast-check';
import { parseAnyTime, parseCommonLogTime, parseEpoch, parseRfc3339 } from '../../src/ingest/time';

const t = Date.UTC(2026, 10, 24, 10, 0, 0, 123);

test.each([
  ['2026-11-24T10:00:00.123Z', t],
  ['2026-11-24T11:30:00.123999+01:30', t],
  ['2026-11-24T09:00:00.123-01:00', t],
  ['2026-11-24T10:00:00Z', t - 123],
])('RFC 3339 %s', (text, ms) => expect(parseRfc3339(text)).toBe(ms));

test.each([
  '2026-11-24',
  '2026-02-29T10:00:00Z',
  '2026-11-24T24:00:00Z',
  '2026-11-24T10:00:00',
  '2026-11-24 10:00:00Z',
  '',
])('%p is no RFC 3339 time', (text) => expect(parseRfc3339(text)).toBeNaN());

test('agrees with Date on every time', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
      expect(parseRfc3339(date.toISOString())).toBe(date.getTime());
    }),
  );
});

test.each([
  ['24/Nov/2026:10:00:00 +0000', t - 123],
  ['24/Nov/2026:05:30:00 -0430', t - 123],
])('common log format %s', (text, ms) => expect(parseCommonLogTime(text)).toBe(ms));

test.each([
  '24/Foo/2026:10:00:00 +0000',
  '31/Nov/2026:10:00:00 +0000',
  '24/Nov/2026:10:00:00',
  '24-Nov-2026:10:00:00 +0000',
  '24/Nov/2026:10:00:00 +00x0',
  '',
])('%p is no common log time', (text) => expect(parseCommonLogTime(text)).toBeNaN());

test('the unit of a number follows from its size', () => {
  expect(parseEpoch(t / 1000)).toBe(t);
  expect(parseEpoch(t)).toBe(t);
  expect(parseEpoch(t * 1000)).toBe(t);
  expect(parseEpoch(-1)).toBeNaN();
  expect(parseEpoch(Number.POSITIVE_INFINITY)).toBeNaN();
});

test('any form is read, from texts and numbers', () => {
  for (const value of ['2026-11-24T10:00:00.123Z', '1795514400.123', 1795514400.123, 1795514400123, '1795514400123'])
    expect(parseAnyTime(value)).toBe(t);
  for (const value of [null, {}, [], true, 'soon', '12', '9'.repeat(100)]) expect(parseAnyTime(value)).toBeNaN();
});
