import { faultText } from '../../src/adapters/config-faults';
import { readConfig } from '../../src/adapters/config-file';
import { endedProtection } from '../../src/adapters/protection';
import { configSchema } from '../../src/config';

const faults = (enforce: string, ...rules: string[]) => {
  const text = `source: { kind: stdin }\nenforce: ${enforce}\npolicy: { rules: [${rules.join(', ')}] }`;
  const result = readConfig(text, { checkFiles: false });
  return result.ok ? [] : result.faults.map(faultText);
};
const rule = (action: string, rest = 'when: { signs: 2 }') => `{ name: ${action}, action: ${action}, ${rest} }`;

test.each([
  ['rate-limit', 'when: { risk: 90 }', 'needs a sign'],
  ['step-up', 'when: { signs: 0 }', 'needs a sign'],
  ['suspend', 'when: { signs: 1 }', 'needs several signs'],
  ['rate-limit', 'when: { signs: 1 }, for: 10m', 'enforce.notAfter'],
  ['step-up', 'when: { signs: 1 }, for: 25h', 'enforce.repeat.max'],
  ['revoke', 'when: { signs: 2 }', 'enforce.automaticRevoke: true'],
])('a rule that asks for %s, %s, is refused', (action, rest, expected) => {
  const found = faults('{}', rule(action, rest));
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(expected);
});

test('a revocation needs several signs, and has no end', () => {
  const found = faults('{ automaticRevoke: true }', rule('revoke', 'when: { signs: 1 }, for: 2h'));
  expect(found.join()).toMatch(/several signs.*has no end/);
});

test('what fits is taken', () => {
  const sound = [rule('rate-limit', 'when: { signs: 1 }'), rule('step-up', 'when: { rule: true }'), rule('suspend')];
  expect(faults('{}', ...sound)).toEqual([]);
  expect(faults('{ automaticRevoke: true }', rule('revoke'))).toEqual([]);
  expect(faults('{ repeat: { factor: 1 } }', rule('suspend', 'when: { signs: 2 }, for: 7d'))).toEqual([]);
  expect(faults('{}', rule('alert', 'for: 1s'), rule('observe', 'for: 40d'))).toEqual([]);
});

test('automaticRevoke without a rule that revokes is refused: nobody meant it', () => {
  expect(faults('{ automaticRevoke: true }', rule('suspend')).join()).toContain('while no rule');
});

test('protection that has ended is named, that without an end or with one to come is not', () => {
  const until = (time: string, key: string) => ({ key, until: time });
  const configOf = (protectedKeys: unknown[]) =>
    configSchema.parse({ source: { kind: 'stdin' }, enforce: { protectedKeys } });
  const now = Date.parse('2026-11-24T10:00:00Z');
  const sound = ['a', { key: 'b' }, until('2026-11-24T10:00:01Z', 'c')];
  expect(endedProtection(configOf(sound), now)).toBeUndefined();
  const config = configOf([...sound, until('2026-11-24T11:00:00+01:00', 'd')]);
  expect(endedProtection(config, now)).toContain('their time is over: d');
  const many = Array.from({ length: 13 }, (_, i) => until('2020-01-01T00:00:00Z', `k${i}`));
  expect(endedProtection(configOf(many), now)).toMatch(/k9 and 3 more$/);
});
