import type { Outcome } from '../../domain/action';
import type { LiveAction } from '../../enforce/key';
import type { EnforceSettings } from '../../enforce/settings';
import type { EnforceState } from '../../enforce/state';
import { type Sighting, sighted, unseen, verdict, watched, witnessOutcome } from '../../enforce/witness';

/** What the traffic of keys with an acknowledged action shows. Lost at a restart, and then gathered anew. */
export interface Sightings {
  traffic(key: string, status: number, ts: number): void;
  reached(partition: number, ts: number): void;
  /** Follows the state: whom to watch from here on. */
  follow(state: EnforceState): void;
  /** Verdicts that are due. */
  verdicts(now: number): readonly { readonly live: LiveAction; readonly outcome: Outcome }[];
  /** When time alone may next bring a verdict, wall clock, milliseconds; Infinity for never. */
  next(now: number): number;
}

interface Watch {
  readonly live: LiveAction;
  seen: Sighting;
}

/** @param effectMs time that the enforcer may take after its acknowledgement, milliseconds */
export function createSightings(
  settings: Pick<EnforceSettings, 'effectiveWithinMs'>,
  effectMs: number,
  wake: () => void,
): Sightings {
  const limits = { effectMs, effectiveWithinMs: settings.effectiveWithinMs };
  const watches = new Map<string, Watch>();
  const reachedBy = new Map<number, number>();

  const reachedOf = ({ request }: LiveAction): number => {
    const own = reachedBy.get(request.partition);
    if (own !== undefined) return own;
    // A person's request belongs to no partition: all must have got so far.
    return reachedBy.size === 0 ? Number.NEGATIVE_INFINITY : Math.min(...reachedBy.values());
  };

  return {
    traffic(key, status, ts) {
      const watch = watches.get(key);
      if (watch === undefined) return;
      const before = watch.seen;
      watch.seen = sighted(before, watch.live.request.action, status, ts, watch.live.deliveredAt ?? ts);
      if (watch.seen.refusals > before.refusals) wake();
    },
    reached(partition, ts) {
      reachedBy.set(partition, ts);
    },
    follow(state) {
      const now = watched(state);
      for (const [key, { live }] of watches) {
        if (now.get(key)?.request.id !== live.request.id) watches.delete(key);
      }
      for (const [key, live] of now) {
        const known = watches.get(key);
        watches.set(key, { live, seen: known?.seen ?? unseen });
      }
    },
    verdicts(now) {
      const found: { live: LiveAction; outcome: Outcome }[] = [];
      for (const { live, seen } of watches.values()) {
        const verdictNow = verdict(live, seen, now, reachedOf(live), limits);
        if (verdictNow !== undefined) found.push({ live, outcome: witnessOutcome(live, verdictNow, now) });
      }
      return found;
    },
    next(now) {
      let next = Number.POSITIVE_INFINITY;
      for (const { live } of watches.values()) {
        const at = (live.deliveredAt ?? now) + limits.effectiveWithinMs;
        if (at > now) next = Math.min(next, at);
      }
      return next;
    },
  };
}
