import { type Invocation, parseCommandLine } from '../../src/bin/args';
import { commandNames, commands } from '../../src/bin/commands';
import { commandHelp, generalHelp } from '../../src/bin/help';
import { formats } from '../../src/config';

/** A replay that compares no policies. */
const alone = { policy: undefined, json: false };

const parse = (line: string): Invocation => {
  const parsed = parseCommandLine(line.split(' ').filter((word) => word !== ''));
  if (!parsed.ok) throw new Error(parsed.faults.join('; '));
  return parsed.invocation;
};
const faults = (line: string): readonly string[] => {
  const parsed = parseCommandLine(line.split(' ').filter((word) => word !== ''));
  return parsed.ok ? [] : parsed.faults;
};

test.each<[string, Invocation]>([
  ['run -c k.yaml', { command: 'run', config: 'k.yaml', role: undefined }],
  ['run --config=k.yaml', { command: 'run', config: 'k.yaml', role: undefined }],
  ['check-config k.yaml --print', { command: 'check-config', config: 'k.yaml', print: true }],
  ['demo', { command: 'demo', seed: 1 }],
  ['doctor -c k.yaml --json', { command: 'doctor', config: 'k.yaml', json: true }],
  ['status -c k.yaml', { command: 'status', config: 'k.yaml', json: false }],
  [
    'setup elasticsearch -c k.yaml --dry-run --basic-from env:LOGIN',
    {
      command: 'setup',
      what: 'elasticsearch',
      config: 'k.yaml',
      dryRun: true,
      apiKeyFrom: undefined,
      basicFrom: 'env:LOGIN',
    },
  ],
  [
    'replay a.gz - --report --partitions 6 --format kong -c k.yaml b',
    {
      command: 'replay',
      files: ['a.gz', '-', 'b'],
      config: 'k.yaml',
      format: 'kong',
      partitions: 6,
      report: true,
      ...alone,
    },
  ],
  [
    'replay a',
    { command: 'replay', files: ['a'], config: undefined, format: undefined, partitions: 1, report: false, ...alone },
  ],
  [
    'replay -- --odd',
    {
      command: 'replay',
      files: ['--odd'],
      config: undefined,
      format: undefined,
      partitions: 1,
      report: false,
      ...alone,
    },
  ],
  [
    'simulate --seed 7 --keys 3 --days 2 --thefts 0 --start 2026-01-05T01:00:00+01:00 --labels l',
    {
      command: 'simulate',
      seed: 7,
      keys: 3,
      days: 2,
      rate: 400,
      thefts: 0,
      start: Date.UTC(2026, 0, 5),
      into: [],
      format: undefined,
      labels: 'l',
      newcomers: undefined,
      attackLines: undefined,
    },
  ],
  [
    'evaluate a.gz b --labels l --newcomers n --attack-lines t --plain p --windows w --set d/x --set d/y --budget 10 --json j --html h',
    {
      command: 'evaluate',
      files: ['a.gz', 'b'],
      labels: 'l',
      newcomers: 'n',
      attackLines: 't',
      plain: 'p',
      windows: 'w',
      sets: ['d/x', 'd/y'],
      inject: undefined,
      seed: 1,
      budget: 10,
      json: 'j',
      html: 'h',
      config: undefined,
      format: undefined,
    },
  ],
  ['--help', { command: 'help', topic: undefined }],
  ['help replay', { command: 'help', topic: 'replay' }],
  ['run --nonsense --help', { command: 'help', topic: 'run' }],
  ['--version', { command: 'version' }],
])('%s', (line, invocation) => {
  expect(parse(line)).toEqual(invocation);
});

test.each([
  ['', ['a command is missing']],
  ['replya x', ['unknown command "replya"; did you mean replay?']],
  ['--verison', ['unknown option "--verison"; did you mean --version?']],
  ['help demmo', ['unknown command "demmo"; did you mean demo?']],
  ['replay x --fromat kong', ['unknown option "--fromat"; did you mean --format?']],
  ['setup -c k', ['what to set up is missing: elasticsearch or kafka']],
  ['setup elastic -c k', ['cannot set up "elastic": expected elasticsearch or kafka']],
  ['setup elasticsearch', ['a configuration is missing: -c FILE']],
  [
    'setup elasticsearch -c k --api-key-from c2VjcmV0 --basic-from env:X',
    [
      '--api-key-from: expected env:NAME or file:/path; the secret itself does not belong here',
      '--api-key-from and --basic-from: give one of them',
    ],
  ],
  ['replay', ['a file is missing: a log, a directory, or - for standard input']],
  [
    'replay x --format ngnix-json',
    [`--format "ngnix-json": expected one of ${formats.join(', ')}; did you mean nginx-json?`],
  ],
  ['replay x --format mapping', [`--format "mapping": expected one of ${formats.join(', ')}`]],
  ['replay x --partitions 0', ['--partitions "0": expected a whole number from 1 to 1024']],
  ['replay x --partitions --report', ['--partitions needs a value: --partitions N']],
  ['replay x --report=yes', ['--report takes no value']],
  ['evaluate', ['a file is missing: a log, or --set DIR/PREFIX']],
  ['evaluate x', ['the thefts are missing: --labels FILE, or --inject N to make them of the log']],
  ['evaluate x --labels l --inject 3', ['--inject makes the labels: give --labels or --inject']],
  ['evaluate x --windows w', ['--plain and --windows belong together']],
  ['evaluate --set d/x --inject 3', ['--inject needs a file: a set has its own']],
  ['evaluate - --inject 3', ['--inject reads the log twice: it cannot be standard input']],
  ['evaluate x --inject 0', ['--inject "0": expected a whole number from 1 to 10000']],
  ['run', ['a configuration is missing: -c FILE']],
  ['run -c', ['-c needs a value: -c FILE']],
  ['run -c a b', ['unexpected "b"']],
  ['doctor', ['a configuration is missing: -c FILE']],
  ['check-config a -c b', ['name one configuration, not two']],
  [
    'simulate --days 1.5 --keys -3 --start soon',
    [
      '--keys needs a value: --keys N',
      '--days "1.5": expected a whole number from 1 to 3660',
      '--start "soon": expected a time such as 2026-01-05T00:00:00Z',
    ],
  ],
  ['simulate --into x', ['--into hides thefts in the log: --labels FILE, to find them again']],
  ['simulate --into - --labels l', ['--into reads the log twice: it cannot be standard input']],
  ['simulate --into x --labels l --keys 9', ['--keys does not go with --into: the log has its own']],
  ['train - --ablation 9', ['--ablation reads the log three times: name a file, not -']],
  ['train a --ablation 0', ['--ablation "0": expected a whole number from 1 to 1000']],
  ['simulate --format kong', ['--format says how --into is written: give --into FILE']],
  ['run -c a --constructor', ['unknown option "--constructor"']],
])('%s is a fault of usage', (line, expected) => {
  expect(faults(line)).toEqual(expected);
});

test('the help names every command, option and exit code, and its examples are sound command lines', () => {
  for (const name of commandNames) {
    expect(generalHelp()).toContain(`  ${name} `);
    const text = commandHelp(name);
    for (const option of Object.keys(commands[name].options)) expect(text).toContain(`--${option}`);
    for (const code of ['0', '1', '2', '64', '130', '143'])
      expect(text).toMatch(new RegExp(`^  ([0-9 ]* )?${code} `, 'm'));
    for (const [, line] of commands[name].examples) {
      for (const part of line.split('|').filter((piece) => piece.trim().startsWith('keywatch'))) {
        expect(
          faults(
            part
              .trim()
              .replace(/^keywatch /, '')
              .replace(/ > .*$/, ''),
          ),
        ).toEqual([]);
      }
    }
    for (const row of text.split('\n')) expect(row.length).toBeLessThanOrEqual(116);
  }
});
