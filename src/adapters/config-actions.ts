import { isKeyAction, isReversible, type KeyAction } from '../domain/action';
import type { Finding } from './config-faults';
import { isMap, maps, ms, type Path, valueAt } from './config-shape';

type Fields = Readonly<Record<string, unknown>>;

/** What a rule must show before it may ask for an action: a key must not be cut off for one odd sign. */
const signsFor: Record<KeyAction, { readonly least: number; readonly expected: string }> = {
  'rate-limit': {
    least: 1,
    expected: 'an action on a key needs a sign: set signs to 1 or more, or rule: true',
  },
  'step-up': {
    least: 1,
    expected: 'an action on a key needs a sign: set signs to 1 or more, or rule: true',
  },
  suspend: {
    least: 2,
    expected: 'a suspension needs several signs: set signs to 2 or more, or rule: true',
  },
  revoke: {
    least: 2,
    expected: 'a revocation needs several signs: set signs to 2 or more, or rule: true',
  },
};

/** What is wrong with the actions that policy rules ask for, whoever carries them out. */
export const actionFindings = (document: unknown): Finding[] => {
  const rules = maps(document, ['policy', 'rules']);
  const found = rules.flatMap(([path, rule]) => {
    const { action } = rule;
    return typeof action === 'string' && isKeyAction(action as KeyAction)
      ? ruleFindings(document, path, rule, action as KeyAction)
      : [];
  });
  const allowed = valueAt(document, ['enforce', 'automaticRevoke']) === true;
  const asked = [...rules.map(([, { action }]) => action), valueAt(document, ['leaks', 'action'])];
  if (allowed && !asked.includes('revoke')) {
    found.push({
      path: ['enforce', 'automaticRevoke'],
      expected: 'expected false while no rule asks for revoke',
    });
  }
  return found;
};

const ruleFindings = (document: unknown, path: Path, rule: Fields, action: KeyAction): Finding[] => {
  const found: Finding[] = [];
  const when = isMap(rule.when) ? rule.when : {};
  const { least, expected } = signsFor[action];
  if (!(when.rule === true || (typeof when.signs === 'number' && when.signs >= least))) {
    found.push({ path: [...path, 'when', 'signs'], expected });
  }
  if (isReversible(action)) return [...found, ...durationFindings(document, path, rule)];
  if (valueAt(document, ['enforce', 'automaticRevoke']) !== true) {
    found.push({
      path: [...path, 'action'],
      expected: 'expected enforce.automaticRevoke: true beside a rule that revokes',
    });
  }
  if (rule.for !== undefined) {
    found.push({ path: [...path, 'for'], expected: 'expected nothing here: a revocation has no end' });
  }
  return found;
};

const durationFindings = (document: unknown, path: Path, rule: Fields): Finding[] => {
  const found: Finding[] = [];
  const lasts = ms(rule.for ?? '1h');
  const within = (setting: Path, otherwise: string) => ms(valueAt(document, ['enforce', ...setting]) ?? otherwise);
  const place = [...path, 'for'];
  // A request is carried out up to notAfter late: a shorter action could end before it began.
  if (lasts <= within(['notAfter'], '15m')) {
    found.push({ path: place, expected: 'expected longer than enforce.notAfter, or it could end unseen' });
  }
  if (lasts <= within(['keyCooldown'], '1m')) {
    found.push({ path: place, expected: 'expected longer than enforce.keyCooldown' });
  }
  const grows = (valueAt(document, ['enforce', 'repeat', 'factor']) ?? 2) !== 1;
  if (grows && lasts > within(['repeat', 'max'], '24h')) {
    found.push({
      path: place,
      expected: 'expected no longer than enforce.repeat.max, or enforce.repeat.factor: 1: it could not grow',
    });
  }
  return found;
};
