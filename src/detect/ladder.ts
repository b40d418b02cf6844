import type { Observation } from '../domain/observation';
import { type FactTable, factHome, factTag } from '../stats/facts';

/** One step of sameness: which level of the fact table, and the observation's value there (0: unknown, skipped). */
export interface Step {
  readonly level: number;
  value(o: Observation): number;
}

/**
 * Graded novelty on one axis: steps from the finest (exact address) to the coarsest (country). The grade of an
 * observation is the number of steps up to the first that this key has shown before; 0 is "seen exactly so".
 */
export interface Ladder {
  /** 0 … steps. Steps of unknown value are skipped, so they never make anything odder. */
  grade(o: Observation): number;
  /** Marks all steps as seen. */
  learn(o: Observation): void;
  /** Slot of a step's fact for facts in words; −1 when never seen. */
  slot(o: Observation, step: number): number;
}

/** Coarser facts are refreshed at most this often while a finer one is known: seconds. */
const REFRESH = 3_600;

export function createLadder(facts: FactTable, steps: readonly Step[]): Ladder {
  const find = (o: Observation, step: Step, value: number) =>
    facts.find(factHome(o.ownerLow, step.level, value), factTag(o.ownerHigh, step.level, value));

  const mark = (o: Observation, step: Step): void => {
    const value = step.value(o);
    if (value === 0) return;
    const slot = find(o, step, value);
    if (slot >= 0) facts.touch(slot, o.seconds);
    else facts.add(factHome(o.ownerLow, step.level, value), factTag(o.ownerHigh, step.level, value), o.seconds);
  };

  return {
    grade(o) {
      let grade = 0;
      for (let i = 0; i < steps.length; i++) {
        const value = steps[i].value(o);
        if (value === 0) continue;
        if (find(o, steps[i], value) >= 0) return grade;
        grade = i + 1;
      }
      return grade;
    },
    learn(o) {
      const value = steps[0].value(o);
      const slot = value === 0 ? -1 : find(o, steps[0], value);
      const fresh = slot >= 0 && o.seconds - facts.last(slot) < REFRESH;
      if (fresh) facts.touch(slot, o.seconds);
      for (let i = fresh ? 1 : 0; i < steps.length; i++) {
        if (!fresh || i === steps.length - 1) mark(o, steps[i]);
      }
    },
    slot(o, step) {
      const value = steps[step].value(o);
      return value === 0 ? -1 : find(o, steps[step], value);
    },
  };
}
