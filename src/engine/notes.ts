import { isMuted, type KeyNotes } from '../decide/muting';
import type { Tables } from '../detect/detector';
import { bindPast, type Past } from '../detect/past';
import type { Evidence } from '../domain/evidence';
import { columnOf, type State } from '../state';
import { at, part } from '../stats/columns';
import { Mutes } from './mutes';
import type { StillUsed } from './still-used';

export { Mutes };

/** What documents say of a key besides its incident, and what that is counted from. */
export interface Notes extends KeyNotes, Pick<Past, 'count'> {
  /** The evidence without what is muted on the key. */
  counted(key: string, ts: number, evidence: readonly Evidence[]): readonly Evidence[];
}

/** Over the partition's state; `maturityMs` as the detectors have it. */
export function bindNotes(state: State, tables: Tables, mutes: Mutes, used: StillUsed, maturityMs: number): Notes {
  const past = bindPast(tables, (name) => state.columns.get(name));
  const owner = columnOf(state, 'engine.owner');
  return {
    count: past.count,
    mutes: (key, ts) => mutes.of(key, ts),
    stillUsed: (key, incidentId) => used.of(key, incidentId),
    counted(key, ts, evidence) {
      if (evidence.length === 0) return evidence;
      const muted = mutes.of(key, ts).map(({ facet }) => facet);
      return muted.length === 0 ? evidence : evidence.filter((piece) => !isMuted(piece, muted));
    },
    baseline(key, ts) {
      const row = state.keys.find(key);
      if (row < 0) return undefined;
      const data = part(owner, row);
      const first = at(owner, row);
      return past.describe(row, [data[first], data[first + 1]], ts / 1000, maturityMs / 86_400_000);
    },
  };
}
