import { keyCommand } from '../../src/bin/commands/key';
import { keyText } from '../../src/bin/key-text';
import { readWords } from '../../src/bin/words';

const read = (...argv: string[]) => {
  const words = readWords(keyCommand, argv);
  return { invocation: keyCommand.read(words), faults: words.faults };
};
const c = ['-c', 'keywatch.yaml'];

test.each([
  [['show', 'k', ...c], { verb: 'show', key: 'k', tokenFrom: 'env:KEYWATCH_TOKEN', json: false }],
  [['suspend', 'k', ...c, '--reason', 'x', '--for', '2h', '--force'], { verb: 'suspend', span: '2h', force: true }],
  [['release', 'k', ...c, '--reason', 'x', '--token-from', 'file:/t'], { verb: 'release', tokenFrom: 'file:/t' }],
  [['expect', 'k', ...c, '--facets', 'client, volume'], { verb: 'expect', facets: ['client', 'volume'] }],
  [['feedback', 'k', ...c, '--verdict', 'benign', '--facet', 'time'], { verdict: 'benign', facet: 'time' }],
  [['feedback', 'k', ...c, '--verdict', 'theft', '--suspend'], { verdict: 'theft', suspend: true }],
  [['feedback', 'k', ...c, '--withdraw', 'f', '--incident', 'i'], { withdraw: 'f', incident: 'i' }],
])('reads %j', (argv, expected) => {
  const { invocation, faults } = read(...argv);
  expect(faults).toEqual([]);
  expect(invocation).toMatchObject(expected);
});

test.each([
  [['k', ...c], 'expected one of show'],
  [['relase', 'k', ...c], 'did you mean release?'],
  [['show', ...c], 'a key id is missing'],
  [['show', 'k'], 'a configuration is missing'],
  [['suspend', 'k', ...c], 'suspend needs a reason'],
  [['feedback', 'k', ...c], 'feedback needs a verdict'],
  [['feedback', 'k', ...c, '--verdict', 'benign'], 'benign needs what to mute'],
  [['feedback', 'k', ...c, '--verdict', 'benign', '--facet', 'limits'], '--facet "limits"'],
  [['feedback', 'k', ...c, '--withdraw', 'f'], '--withdraw needs its incident'],
  [['expect', 'k', ...c, '--facets', 'limits'], '--facets "limits"'],
  [['suspend', 'k', ...c, '--reason', 'x', '--for', 'long'], '--for "long"'],
])('refuses %j', (argv, fault) => {
  expect(read(...argv).faults.join('\n')).toContain(fault);
});

test('a token on the command line is refused and not repeated', () => {
  const { faults } = read('show', 'k', ...c, '--token-from', 'S3CRET-0123456789');
  expect(faults).toHaveLength(1);
  expect(faults[0]).not.toContain('S3CRET');
});

test('what strangers wrote cannot steer the terminal', () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\r\nkey forged\u202e';
  const page = keyText('show', {
    id: evil,
    name: evil,
    tenant: evil,
    standing: { state: evil, by: evil },
    incidents: [{ id: evil, state: evil, opened: evil, severity: evil, reason: evil }],
    mutes: [{ facet: evil, until: evil, by: evil, feedback_id: evil }],
    baseline: { usual_countries: [evil], usual_hours: evil, known: evil, requests_per_day: { usual: evil } },
    declared: { owner: evil },
  });
  expect(page.replaceAll('\n', '')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
  expect(page.split('\n').filter((line) => line.startsWith('key '))).toHaveLength(1);
  for (const verb of ['suspend', 'release', 'expect', 'feedback'] as const)
    for (const odd of [undefined, null, 7, 'x', [], {}, { feedback: evil, facets: evil, requests: {} }])
      expect(typeof keyText(verb, odd)).toBe('string');
});
