import type { Observation } from '../domain/observation';
import { type FactTable, factHome, factTag } from '../stats/facts';
import { levels } from './detector';
import { createPeers } from './peers';
import type { Step } from './steps';

const network: readonly Step[] = [
  { level: levels.address, value: (o) => o.network.address },
  { level: levels.nearNetwork, value: (o) => o.network.near },
  { level: levels.wideNetwork, value: (o) => o.network.wide },
  { level: levels.country, value: (o) => o.country },
];

const client: readonly Step[] = [
  { level: levels.agent, value: (o) => o.client.agent },
  { level: levels.clientFamily, value: (o) => o.client.family },
  { level: levels.product, value: (o) => o.client.product },
];

const route: readonly Step[] = [{ level: levels.route, value: (o) => o.route }];

export const NETWORK_GRADES = network.length;
export const CLIENT_GRADES = client.length;

/** What each grade means, for people. */
export const networkGrades = [
  '',
  'a new address in a known network',
  'a new network',
  'a network far from any known',
  'a new country',
];
export const clientGrades = ['', 'a new version of a known client', 'a new build of a known product', 'a new product'];

/** Grades from which on a near network and a client family are new. */
const NEW_NETWORK = 2;
const NEW_FAMILY = 2;
/** Ready made: this is answered for every event. */
const both: Novelty = { network: true, client: true };
const networkOnly: Novelty = { network: true, client: false };
const clientOnly: Novelty = { network: false, client: true };
const none: Novelty = { network: false, client: false };

/** The one value of the level `placed`. */
const PLACED = 1;

/** Facts coarser than a known finer one are refreshed at most this often, seconds; the coarsest always, for its count. */
const REFRESH = 3_600;

/** What an event that is learned brought that its key had not shown before. */
export interface Novelty {
  readonly network: boolean;
  readonly client: boolean;
}

/**
 * How familiar an observation's address and client are to its key, in grades from the finest step to the coarsest. The
 * grade is the number of steps up to the first that the key has shown before; 0 is "seen exactly so". Detectors read
 * grades and facts; only the engine, through `learn`, adds to them.
 */
export interface Familiarity {
  /** Fills in the observation's grades. */
  grade(o: Observation): void;
  /** Marks all that the observation shows as seen by its key. Answers what the key had not shown before. */
  learn(o: Observation): Novelty;
}

/** `keys` answers how many keys there are: what their tenants' other keys have shown softens a grade (`peers.ts`). */
export function createFamiliarity(facts: FactTable, keys: () => number): Familiarity {
  const peers = createPeers(facts, keys);
  /** Grades before peers were asked; from `grade` to `learn` of one event. */
  let own = 0;
  let ownClient = 0;
  return {
    grade(o) {
      const grade = gradeOf(facts, o, network);
      // A country is new only where another is known: for a key that was never placed it says nothing.
      const unplaced = grade === NETWORK_GRADES && findFact(facts, o, levels.placed, PLACED) < 0;
      own = unplaced ? grade - 1 : grade;
      ownClient = gradeOf(facts, o, client);
      o.networkGrade = peers.soften(o, network, own);
      o.clientGrade = peers.soften(o, client, ownClient);
      o.amongPeers = o.networkGrade < own;
      o.routeGrade = gradeOf(facts, o, route);
    },
    learn(o) {
      if (own > 0 || ownClient > 0) {
        peers.learn(o, network);
        peers.learn(o, client);
      }
      if (o.country !== 0 && own >= NETWORK_GRADES - 1) markFact(facts, o, levels.placed, PLACED);
      learnSteps(facts, o, network);
      learnSteps(facts, o, client);
      learnSteps(facts, o, route);
      return own >= NEW_NETWORK
        ? ownClient >= NEW_FAMILY
          ? both
          : networkOnly
        : ownClient >= NEW_FAMILY
          ? clientOnly
          : none;
    },
  };
}

/** Slot of the fact that this key has shown `value` at `level`; −1 when it has not. */
export function findFact(facts: FactTable, o: Observation, level: number, value: number): number {
  return value === 0 ? -1 : facts.find(factHome(o.ownerLow, level, value), factTag(o.ownerHigh, level, value));
}

/** Counts one more sighting, or the first. */
export function markFact(facts: FactTable, o: Observation, level: number, value: number): void {
  if (value === 0) return;
  const home = factHome(o.ownerLow, level, value);
  const tag = factTag(o.ownerHigh, level, value);
  const slot = facts.find(home, tag);
  if (slot >= 0) facts.touch(slot, o.seconds);
  else facts.add(home, tag, o.seconds);
}

function gradeOf(facts: FactTable, o: Observation, steps: readonly Step[]): number {
  let grade = 0;
  for (let i = 0; i < steps.length; i++) {
    const value = steps[i].value(o);
    if (value === 0) continue;
    if (findFact(facts, o, steps[i].level, value) >= 0) return grade;
    grade = i + 1;
  }
  return grade;
}

function learnSteps(facts: FactTable, o: Observation, steps: readonly Step[]): void {
  const finest = findFact(facts, o, steps[0].level, steps[0].value(o));
  const fresh = finest >= 0 && o.seconds - facts.last(finest) < REFRESH;
  if (fresh) facts.touch(finest, o.seconds);
  const last = steps.length - 1;
  for (let i = fresh ? Math.max(1, last) : 0; i <= last; i++) markFact(facts, o, steps[i].level, steps[i].value(o));
}
