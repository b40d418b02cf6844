import fc from 'fast-check';
import { type Case, firstFit, type Policy, type Rule, tierOf } from '../../src/decide/policy';
import { globFits } from '../../src/domain/glob';
import { aPiece } from '../support/evidence';

type When = Rule['when'];
const rule = (name: string, when: Partial<When> = {}): Rule => ({
  name,
  when: { risk: 0, confidence: 0, signs: 0, surprise: 1, ...when },
  action: 'alert',
  for: 1,
});
const policy = (...rules: Rule[]): Policy => ({ rules, tiers: [], defaultTier: 'standard' });
const about = (over: Partial<Case> = {}): Case => ({
  tier: 'standard',
  risk: 70,
  confidence: 0.6,
  evidence: [aPiece()],
  ...over,
});
const fits = (when: Partial<When>, over: Partial<Case> = {}) =>
  firstFit(policy(rule('r', when)), about(over)) !== undefined;

test('the first rule that fits decides, whatever stands behind it', () => {
  const rules = [rule('high', { risk: 80 }), rule('middle', { risk: 60 }), rule('any')];
  expect(firstFit(policy(...rules), about())?.name).toBe('middle');
  expect(firstFit(policy(...[...rules].reverse()), about())?.name).toBe('any');
  expect(firstFit(policy(rules[0]), about())).toBeUndefined();
});

test.each<[string, Partial<When>, Partial<Case>, Partial<Case>]>([
  ['risk', { risk: 70 }, { risk: 70 }, { risk: 69.9 }],
  ['confidence', { confidence: 0.5 }, { confidence: 0.5 }, { confidence: 0.49 }],
  ['tier', { tiers: ['gold'] }, { tier: 'gold' }, { tier: 'standard' }],
  [
    'signs',
    { signs: 2 },
    { evidence: [aPiece({ facet: 'client' }), aPiece({ facet: 'time' })] },
    { evidence: [aPiece({ facet: 'client' }), aPiece({ facet: 'errors' })] },
  ],
  [
    'actor',
    { actor: 3.5 },
    { evidence: [aPiece({ facet: 'actor', surprise: 3.5 })] },
    { evidence: [aPiece({ facet: 'actor', surprise: 3.4 }), aPiece({ surprise: 9 })] },
  ],
  ['facets', { facets: ['time', 'volume'] }, { evidence: [aPiece()] }, { evidence: [aPiece({ facet: 'routes' })] }],
  ['rule', { rule: true }, { evidence: [aPiece({ kind: 'rule' })] }, { evidence: [aPiece()] }],
  ['no rule', { rule: false }, { evidence: [aPiece()] }, { evidence: [aPiece({ kind: 'rule' })] }],
])('the condition %s is met at its bound and not below', (_, when, met, missed) => {
  expect(fits(when, met)).toBe(true);
  expect(fits(when, missed)).toBe(false);
});

test('the first pattern that fits gives the tier; without one the default does', () => {
  const tiers = [
    { match: 'ci-*', tier: 'robot' },
    { match: '*-eu', tier: 'europe' },
  ];
  const p: Policy = { rules: [], tiers, defaultTier: 'standard' };
  expect(['ci-eu', 'x-eu', 'x-us'].map((key) => tierOf(p, key))).toEqual(['robot', 'europe', 'standard']);
});

test('law: a pattern fits exactly what the same pattern as a regular expression fits', () => {
  const letters = (max: number, alphabet: string) =>
    fc.array(fc.constantFrom(...alphabet), { maxLength: max }).map((l) => l.join(''));
  fc.assert(
    fc.property(letters(8, 'ab*.'), letters(10, 'ab.'), (pattern, text) => {
      const same = new RegExp(`^${pattern.replace(/\./g, '\\.').replace(/\*+/g, '.*')}$`);
      expect(globFits(pattern, text)).toBe(same.test(text));
    }),
    { numRuns: 2_000 },
  );
});

test('a pattern made to blow up a backtracking matcher is answered', () => {
  expect(globFits(`${'*a'.repeat(120)}*b`, `${'a'.repeat(100_000)}c`)).toBe(false);
  expect(globFits(`${'*a'.repeat(120)}*`, `${'a'.repeat(100_000)}c`)).toBe(true);
});
