import type { Observation } from '../../domain/observation';
import { at, type Column, part } from '../../stats/columns';
import { type FactTable, factHome, factTag } from '../../stats/facts';
import { type Baseline, bindBaseline } from '../baseline';
import { levels, type Tables } from '../detector';
import { findFact } from '../familiarity';
import { fleetField, ODDS_BINS, ODDS_ZERO } from './layout';

/** Share of thieves whose client follows the key's own mix (they copy the agent), the rest that of other keys. */
const COPYING = 0.25;
/** The fleet's agreement weighs as much as this many newcomers of a key. */
const PRIOR_NEWCOMERS = 5;

/**
 * Does the newcomer's client speak for the owner or for a stranger? With s the share of this exact agent in the key's
 * requests, f its share among other keys' agents and ω the share of this key's harmless newcomers that came with an
 * agent of its own mix, the odds of "stranger" against "owner's new place" change by
 * (κ·s + (1−κ)·f) / (ω·s + (1−ω)·f).
 */
export interface Agreement {
  /** The factor, and what is needed to learn from the newcomer once it was judged. */
  weigh(row: number, o: Observation): { readonly odds: number; readonly own: number };
  learn(row: number, weighed: { readonly odds: number; readonly own: number }): void;
  /** Counts a pair of key and agent that was not seen before. */
  learnAgent(agent: number, seconds: number): void;
  /** Shares of the odds' bins so far. */
  bin(index: number): number;
}

const FLEET_LOW = 0x6b657973;
const FLEET_HIGH = 0x6167656e;

export function bindAgreement(tables: Tables): Agreement {
  const { facts } = tables;
  const baseline = bindBaseline(tables);
  const own = tables.column('newcomer.agreement');
  const fleet = tables.column('newcomer.fleet');
  const odds = tables.column('newcomer.odds');

  const omega = (row: number) => {
    const all = (fleet.data[fleetField.agreed] + 0.5) / (fleet.data[fleetField.newcomers] + 1);
    return (
      (part(own, row)[at(own, row)] + PRIOR_NEWCOMERS * all) / (part(own, row)[at(own, row) + 1] + PRIOR_NEWCOMERS)
    );
  };

  return {
    weigh(row, o) {
      const s = shareOfKey(facts, baseline, row, o);
      const f = shareOfOthers(facts, fleet, o);
      const w = omega(row);
      const asOwner = w * s + (1 - w) * f;
      return { odds: (COPYING * s + (1 - COPYING) * f) / asOwner, own: (w * s) / asOwner };
    },
    learn(row, weighed) {
      part(own, row)[at(own, row)] += weighed.own;
      part(own, row)[at(own, row) + 1]++;
      fleet.data[fleetField.agreed] += weighed.own;
      fleet.data[fleetField.newcomers]++;
      const bin = Math.round(Math.log2(weighed.odds)) + ODDS_ZERO;
      odds.data[Math.max(0, Math.min(ODDS_BINS - 1, bin))]++;
    },
    learnAgent(agent, seconds) {
      fleet.data[fleetField.pairs]++;
      const home = factHome(FLEET_LOW, levels.fleetAgent, agent);
      const tag = factTag(FLEET_HIGH, levels.fleetAgent, agent);
      const slot = facts.find(home, tag);
      if (slot >= 0) facts.touch(slot, seconds);
      else facts.add(home, tag, seconds);
    },
    bin(index) {
      let sum = 1;
      for (let i = 0; i < ODDS_BINS; i++) sum += odds.data[i];
      return (odds.data[index] + (index === ODDS_ZERO ? 1 : 0)) / sum;
    },
  };
}

/** Share of this exact agent in the key's requests so far. */
function shareOfKey(facts: FactTable, baseline: Baseline, row: number, o: Observation): number {
  const slot = findFact(facts, o, levels.agent, o.client.agent);
  return slot < 0 ? 0 : Math.min(1, facts.count(slot) / Math.max(1, baseline.events(row)));
}

/** Share of this agent among the pairs of other keys and agents; never 0. */
function shareOfOthers(facts: FactTable, fleet: Column, o: Observation): number {
  const slot = facts.find(
    factHome(FLEET_LOW, levels.fleetAgent, o.client.agent),
    factTag(FLEET_HIGH, levels.fleetAgent, o.client.agent),
  );
  const keys = slot < 0 ? 0 : facts.count(slot);
  const others = Math.max(0, keys - (o.clientGrade === 0 ? 1 : 0));
  return (others + 0.5) / (fleet.data[fleetField.pairs] + 10);
}
