import type { Observation } from '../../domain/observation';
import { at, part } from '../../stats/columns';
import { decayFactor } from '../../stats/decay';
import { type FactTable, factHome, factTag } from '../../stats/facts';
import { combine, hashText } from '../../stats/hash';
import { chancePerDay, surprise } from '../../stats/tail';
import { bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, levels, MIN_SURPRISE, type Tables } from '../detector';
import { findFact, markFact } from '../familiarity';
import { count, rateInWords } from '../words';

const DAY = 86_400;
const HALF_LIFE = DAY / 2;
/** A newcomer counts when its wide network is new to the key: nearer ones are shared for honest reasons. */
const LEAST_NETWORK_GRADE = 3;
/** Numbers of other keys that are told apart. */
const steps = [1, 2, 3, 5, 8, 13] as const;
/** Before anything was seen: a newcomer in twenty is on one other key, a third of those on the next number. */
const PRIOR_SHARE = 0.05;
const PRIOR_FALL = 1 / 3;
const PRIOR_NEWCOMERS = 20;

/**
 * One thief with many keys: the same actor (near network and client family) appearing within about a day on several keys
 * none of which has ever been used from that wide network; keys of one tenant count as one. The rate is how often this
 * key meets such newcomers at all, shrunk to the fleet's, times the share of the fleet's newcomers that were on as many
 * other keys. Of facet `actor`, where the strongest piece counts: it never adds to `newcomer`. Blind to a thief with one
 * key and to one with an address for each.
 */
export const spread: Detector = {
  name: 'spread',
  facet: 'actor',
  columns: [
    { name: 'spread.newcomers', type: 'f32', width: 1, version: 1, scope: 'key' },
    /** Newcomers of all keys, then how many of them were on at least so many other keys. */
    { name: 'spread.fleet', type: 'f64', width: 1 + steps.length, version: 1, scope: 'partition' },
  ],
  bind: bindSpread,
};

const LOW = 0x73707265;
const HIGH = 0x61647465;

function bindSpread(tables: Tables): BoundDetector {
  const { facts } = tables;
  const own = tables.column('spread.newcomers');
  const fleet = tables.column('spread.fleet');
  const baseline = bindBaseline(tables);
  /** Whether the event at hand is the first of its actor on its key, and on how many others the actor is; from `count` to `learn`. */
  let first = false;
  let seenOn = 0;

  /** Keys (or tenants) that met the actor lately, other than the event's own. */
  const onOthers = (o: Observation) => {
    const slot = facts.find(factHome(LOW, levels.spread, o.actor), factTag(HIGH, levels.spread, o.actor));
    if (slot < 0) return 0;
    const all = facts.count(slot) * decayFactor(o.seconds - facts.last(slot), HALF_LIFE);
    return Math.round(all - (isCounted(facts, o, partyOf(o)) ? 1 : 0));
  };
  const isNewcomer = (row: number, o: Observation) =>
    o.networkGrade >= LEAST_NETWORK_GRADE && baseline.events(row) > 0 && o.network.near !== 0;

  function rate(row: number, seconds: number): number {
    const usual = (fleet.data[0] + 0.5) / (baseline.keyDays() + 1);
    return (part(own, row)[at(own, row)] + usual) / (baseline.age(row, seconds) + 1);
  }

  function share(step: number): number {
    const prior = PRIOR_SHARE * PRIOR_FALL ** step;
    return (fleet.data[1 + step] + PRIOR_NEWCOMERS * prior) / (fleet.data[0] + PRIOR_NEWCOMERS);
  }

  return {
    score(row, o) {
      if (!isNewcomer(row, o)) return undefined;
      const others = onOthers(o);
      const step = stepOf(others);
      if (step < 0) return undefined;
      const newcomers = rate(row, o.seconds);
      const odd = surprise(chancePerDay(newcomers * share(step)));
      if (odd < MIN_SURPRISE) return undefined;
      return {
        detector: 'spread',
        facet: 'actor',
        kind: 'statistical',
        surprise: odd,
        confidence: o.confidence,
        saw: `the same newcomer (${o.network.nearName}, ${o.client.name}) on ${count(others)} other ${others === 1 ? 'key' : 'keys'} within a day, all far from any network known to them`,
        expected: `newcomers as far ${rateInWords(newcomers)} on this key, one in ${count(1 / share(step))} of them on as many others`,
        since: baseline.since(row) * 1000,
        aboutActor: true,
      };
    },
    count(row, o, taught) {
      first = isNewcomer(row, o) && !isKnown(o);
      if (!first) return;
      seenOn = onOthers(o);
      // What is learned makes its wide network known, and nobody from there is a newcomer again.
      if (!taught) markFact(facts, o, levels.spread, o.actor);
      enter(facts, o);
    },
    learn(row) {
      if (!first) return;
      first = false;
      part(own, row)[at(own, row)]++;
      fleet.data[0]++;
      for (let step = 0; step <= stepOf(seenOn); step++) fleet.data[1 + step]++;
    },
  };

  function isKnown(o: Observation): boolean {
    return findFact(facts, o, levels.spread, o.actor) >= 0;
  }
}

/** The actor and whose key it is on. */
function partyOf({ actor, event }: Observation): number {
  return combine(actor, hashText(event.tenant === '' ? event.key : event.tenant));
}

function isCounted(facts: FactTable, o: Observation, party: number): boolean {
  const slot = facts.find(factHome(LOW, levels.spread, party), factTag(HIGH, levels.spread, party));
  return slot >= 0 && o.seconds - facts.last(slot) < DAY;
}

/** Notes the actor on one more key, unless it is already on a key of the same tenant. */
function enter(facts: FactTable, o: Observation): void {
  const party = partyOf(o);
  if (isCounted(facts, o, party)) return;
  note(facts, party, o.seconds);
  note(facts, o.actor, o.seconds);
}

function note(facts: FactTable, value: number, seconds: number): void {
  const home = factHome(LOW, levels.spread, value);
  const tag = factTag(HIGH, levels.spread, value);
  const slot = facts.find(home, tag);
  if (slot < 0) {
    facts.add(home, tag, seconds);
    return;
  }
  facts.scale(slot, decayFactor(seconds - facts.last(slot), HALF_LIFE));
  facts.touch(slot, seconds);
}

/** Index of the greatest step reached; −1 for none. */
function stepOf(others: number): number {
  let step = -1;
  while (step + 1 < steps.length && others >= steps[step + 1]) step++;
  return step;
}
