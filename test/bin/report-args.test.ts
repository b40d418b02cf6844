import { parseCommandLine } from '../../src/bin/args';

const parsed = (line: string) => parseCommandLine(line.split(' '));
const faults = (line: string) => {
  const result = parsed(line);
  return result.ok ? [] : result.faults;
};
const DAY = 86_400_000;

test('every option of a report', () => {
  expect(
    parsed(
      'report access-review --from a --from b -c k.yaml --unused-for 36h --rotate-after 60d --rotate-after a=b=30d --at 2026-01-05 --html h --csv c --table t --json j --format kong',
    ),
  ).toEqual({
    ok: true,
    invocation: {
      command: 'report',
      kind: 'access-review',
      subject: undefined,
      files: ['a', 'b'],
      at: Date.UTC(2026, 0, 5),
      since: undefined,
      unusedMs: 1.5 * DAY,
      rotateMs: 60 * DAY,
      rotateMsByTier: new Map([['a=b', 30 * DAY]]),
      html: 'h',
      csv: 'c',
      json: 'j',
      table: 't',
      config: 'k.yaml',
      format: 'kong',
    },
  });
  expect(parsed('report incident k_1 --from a --since 2026-01-05T10:00:00Z')).toMatchObject({
    invocation: { kind: 'incident', subject: 'k_1', since: Date.UTC(2026, 0, 5, 10), unusedMs: 90 * DAY },
  });
});

test.each([
  [
    'report',
    [
      'expected one of access-review, risk, incident',
      'the log is missing: --from FILE, or -c FILE with a file as source',
    ],
  ],
  ['report risks --from a', ['expected one of access-review, risk, incident, not "risks"; did you mean risk?']],
  ['report risk k_1 --from a', ['unexpected "k_1"']],
  ['report incident --from a', ['an incident id or key id is missing, as alerts have them']],
  ['report incident k --from -', ['an incident reads the log twice: it cannot be standard input']],
  ['report risk --from a --since 2026-01-05', ['--since goes with incident']],
  ['report risk --from a --unused-for 3d', ['--unused-for goes with access-review']],
  ['report risk --from a --table keys', ['--table says what --csv gets: give --csv FILE']],
  ['report access-review --from a --unused-for 3w', ['--unused-for "3w": expected a span such as 90d or 36h']],
  ['report access-review --from a --rotate-after x=0d', ['--rotate-after "0d": expected a span such as 90d or 36h']],
])('%s is a fault of usage', (line, expected) => {
  expect(faults(line)).toEqual(expected);
});
