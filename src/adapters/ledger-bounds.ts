import type { OutcomeState } from '../domain/action';

/** After these a request has no more outcomes; the last two belong to none and decide nothing once they are old. */
const ended: ReadonlySet<OutcomeState> = new Set([
  'held',
  'undelivered',
  'superseded',
  'released',
  'release-undelivered',
  'breaker-reset',
  'grouped',
]);

export const KEEP_MS = 30 * 86_400_000;
/** Ended requests that a ledger keeps, the newest. */
export const MOST_ENDED = 100_000;

/** The newest outcome of a request. */
export interface Latest {
  readonly state: OutcomeState;
  readonly at: number;
}

/**
 * Ids of the requests that a ledger need not keep: ended before `before`, or ended and beyond the newest `most`. What opened a
 * breaker is older than what reset it, so that it goes first.
 */
export function noLongerNeeded(latest: ReadonlyMap<string, Latest>, before: number, most: number): ReadonlySet<string> {
  const over = [...latest].filter(([, { state }]) => ended.has(state)).sort(([, a], [, b]) => b.at - a.at);
  return new Set(over.filter(([, { at }], i) => i >= most || at < before).map(([id]) => id));
}
