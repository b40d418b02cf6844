import type { Baseline } from '../detect/baseline';
import type { AlertDocument } from '../domain/alert';
import { columnOf, type State } from '../state';
import { tellLearned } from './learned-notice';
import { SETTLED } from './rows';
import type { EngineSettings } from './types';

/** What a partition has learned of its keys, at the present watermark. Times are event times, milliseconds. */
export interface Learned {
  readonly keys: number;
  /** Keys past the maturity, whose evidence may lead to an action. */
  readonly mature: number;
  readonly events: number;
  /** First and last event; 0 where there was none. */
  readonly from: number;
  readonly until: number;
  /** Some of the keys that are too young, the most used first. */
  readonly young: readonly string[];
}

/** A partition that takes history in without speaking of it. */
export interface Learning {
  /** Offset of the first record that is no history; 0 where there is none to learn from. */
  until(): number;
  begin(until: number): void;
  /** Looks at all rows. */
  learned(most: number): Learned;
  /** What people are told when it ends. Looks at all rows. */
  notice(): AlertDocument;
}

export function bindLearning(
  state: State,
  baseline: Baseline,
  { partition, mode, maturityMs }: Pick<EngineSettings, 'partition' | 'mode' | 'maturityMs'>,
): Learning {
  const end = columnOf(state, 'engine.learnUntil');
  const { keys, gate } = state;
  const learning: Learning = {
    until: () => end.data[0],
    begin(until) {
      end.data[0] = until;
    },
    learned(most) {
      const now = gate.watermark / 1000;
      const young: { key: string; events: number }[] = [];
      let mature = 0;
      let events = 0;
      let from = Infinity;
      for (const [row, key] of keys.ids.entries()) {
        if (key === '') continue;
        const seen = baseline.events(row);
        events += seen;
        if (seen > 0) from = Math.min(from, baseline.since(row));
        if (baseline.confidence(row, now, maturityMs / 86_400_000) >= SETTLED) mature++;
        else if (young.push({ key, events: seen }) > 4 * most) keepMost(young, most);
      }
      keepMost(young, most);
      return {
        keys: keys.size(),
        mature,
        events,
        from: Number.isFinite(from) ? from * 1000 : 0,
        until: gate.watermark,
        young: young.map(({ key }) => key),
      };
    },
    notice: () => tellLearned(learning.learned(0), partition, mode),
  };
  return learning;
}

function keepMost(young: { key: string; events: number }[], most: number): void {
  young.sort((a, b) => b.events - a.events || (a.key < b.key ? -1 : 1));
  young.length = Math.min(young.length, most);
}
