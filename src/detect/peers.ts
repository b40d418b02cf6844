import type { Observation } from '../domain/observation';
import { type FactTable, factHome, factTag } from '../stats/facts';
import { hashText } from '../stats/hash';
import { levels } from './detector';
import type { Step } from './steps';

/**
 * What the other keys of a key's tenant have shown. A stranger to one key whom its peers have known since yesterday or
 * longer is a colleague more often than a thief: he counts as one step from known, on the scale on which newcomers are
 * graded and their rates are learned. Only news to a key is written down, so an ordinary event costs nothing.
 */
export interface Peers {
  /** 1 where the tenant's other keys know one of the two finest steps, else `grade`. */
  soften(o: Observation, steps: readonly Step[], grade: number): number;
  /** Notes what was new to one of the tenant's keys. */
  learn(o: Observation, steps: readonly Step[]): void;
}

/** A tenant with more keys than this, or with half of all keys, is no circle of colleagues but a default. */
const MOST_KEYS = 30;
const MOST_SHARE = 0.5;
/**
 * Near network; client family: whoever shares the finer step, address or agent, shares these. A country or a product in
 * common makes no colleague.
 */
const CLOSE = 1;
const MEMO = 4_096;
/** Tells a tenant's facts from those of a key of the same name. */
const SEED = 0x7465_6e61;

export function createPeers(facts: FactTable, keys: () => number): Peers {
  const known = new Map<string, { readonly low: number; readonly high: number }>();

  function tenantOf(tenant: string): { readonly low: number; readonly high: number } {
    let owner = known.get(tenant);
    if (owner === undefined) {
      if (known.size >= MEMO) known.clear();
      owner = { low: hashText(tenant, SEED), high: hashText(tenant, ~SEED) };
      known.set(tenant, owner);
    }
    return owner;
  }

  const slotOf = ({ low, high }: { low: number; high: number }, level: number, value: number) =>
    facts.find(factHome(low, level, value), factTag(high, level, value));

  function mark({ low, high }: { low: number; high: number }, level: number, value: number, seconds: number): boolean {
    const slot = slotOf({ low, high }, level, value);
    if (slot >= 0) facts.touch(slot, seconds);
    else facts.add(factHome(low, level, value), factTag(high, level, value), seconds);
    return slot < 0;
  }

  /** Keys of the tenant so far. */
  function sizeOf(owner: { readonly low: number; readonly high: number }): number {
    const slot = slotOf(owner, levels.peers, ALL);
    return slot < 0 ? 0 : facts.count(slot);
  }

  return {
    soften(o, steps, grade) {
      const { tenant } = o.event;
      if (tenant === '' || grade < 2) return grade;
      const owner = tenantOf(tenant);
      const size = sizeOf(owner);
      if (size < 2 || size > Math.min(MOST_KEYS, keys() * MOST_SHARE)) return grade;
      const { level, value } = steps[CLOSE];
      const slot = value(o) === 0 ? -1 : slotOf(owner, level, value(o));
      if (slot >= 0 && facts.firstDay(slot) < o.day) return 1;
      return grade;
    },
    learn(o, steps) {
      const { tenant } = o.event;
      if (tenant === '') return;
      const owner = tenantOf(tenant);
      // What a default tenant has shown is never asked for again.
      if (sizeOf(owner) > MOST_KEYS) return;
      const own = o.ownerLow || 1;
      if (mark(owner, levels.peer, own, o.seconds)) mark(owner, levels.peers, ALL, o.seconds);
      const { level, value } = steps[CLOSE];
      if (value(o) !== 0) mark(owner, level, value(o), o.seconds);
    },
  };
}

/** The one value of the level `peers`. */
const ALL = 1;
