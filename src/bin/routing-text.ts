import type { Config } from '../config';
import { documentKinds } from '../domain/alert';

type Output = Config['alerts'][number];
type Window = Config['maintenance'][number];

/** What an output takes, in brackets behind its name; nothing where it takes everything. */
export const routingText = ({ kinds, minSeverity, rateLimit }: Output): string => {
  const parts = [
    kinds.length < documentKinds.length && kinds.map((kind) => `${kind}s`).join(' and '),
    minSeverity !== 'low' && `from ${minSeverity}`,
    rateLimit !== undefined && `at most ${rateLimit.documents} in ${Math.round(rateLimit.window / 60_000)}m`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
};

/** When alerts interrupt nobody, one line a window. */
export const windowText = ({ name, from, to, weekly, match }: Window): string => {
  const when =
    weekly === undefined
      ? `from ${from} to ${to}`
      : `${weekly.days.join(', ')} ${weekly.from} to ${weekly.to} ${weekly.zone}`;
  const whom = Object.entries(match).flatMap(([what, patterns]) =>
    patterns.length === 0 ? [] : [`${what} ${patterns.slice(0, 3).join(' or ')}${patterns.length > 3 ? ' …' : ''}`],
  );
  return `${name}: ${when}, ${whom.length === 0 ? 'all keys' : whom.join(' and ')}`;
};
