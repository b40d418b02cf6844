import { clockFinding, dateReading } from '../../../src/adapters/doctor/clock';

const HOUR = 3_600_000;
const noon = Date.parse('2026-03-01T12:00:00Z');
const told = (theirs: number, now = true) => ({ of: 'Splunk x', theirs, ours: noon, now });

test.each([
  ['an hour ahead', told(noon - HOUR), 'failed', 'this machine is 60 min ahead of Splunk x'],
  ['an hour behind', told(noon + HOUR), 'failed', 'this machine is 60 min behind Splunk x'],
  ['two minutes off', told(noon + 120_000), 'warning', 'this machine is 2 min behind Splunk x'],
  ['seconds off', told(noon + 20_000), 'ok', 'agrees with Splunk x'],
  ['records from the future', told(noon + HOUR, false), 'failed', 'this machine is 60 min behind Splunk x'],
  [
    'an old record',
    told(noon - HOUR, false),
    'ok',
    'not behind Splunk x; whether it is ahead, no configured system tells',
  ],
] as const)('%s', (_, reading, standing, saw) => {
  expect(clockFinding([reading])).toMatchObject({ standing, saw });
});

test('one clock that disagrees decides, and nobody to ask is said', () => {
  expect(clockFinding([told(noon), told(noon - HOUR)]).standing).toBe('failed');
  expect(clockFinding([])).toMatchObject({ standing: 'ok', saw: expect.stringContaining('nothing to compare') });
});

test('a Date header is a reading, and anything else is none', () => {
  expect(dateReading('x', 'Sun, 01 Mar 2026 11:00:00 GMT', noon)).toMatchObject({ theirs: noon - HOUR, now: true });
  expect(dateReading('x', undefined, noon)).toBeUndefined();
  expect(dateReading('x', 'soon', noon)).toBeUndefined();
});
