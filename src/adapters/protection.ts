import type { Config } from '../config';

const MOST_NAMED = 10;

/**
 * Protected keys whose time is over at `now` (wall clock, milliseconds), for a warning; undefined where there are none. No
 * fault of the configuration: it was sound when it was written, and must not keep a process from its next start.
 */
export function endedProtection({ enforce }: Pick<Config, 'enforce'>, now: number): string | undefined {
  const ended = enforce.protectedKeys.flatMap((entry) =>
    typeof entry !== 'string' && entry.until !== undefined && Date.parse(entry.until) <= now ? [entry.key] : [],
  );
  if (ended.length === 0) return undefined;
  const named = ended.slice(0, MOST_NAMED).join(', ');
  const more = ended.length > MOST_NAMED ? ` and ${ended.length - MOST_NAMED} more` : '';
  return `enforce.protectedKeys: no longer protected, their time is over: ${named}${more}`;
}
