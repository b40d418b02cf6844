import type { Observation } from '../../domain/observation';
import { decayFactor } from '../../stats/decay';
import { factHome, factTag } from '../../stats/facts';
import { bindBaseline } from '../baseline';
import { levels, type Tables } from '../detector';
import { findFact, markFact } from '../familiarity';

const DAY = 86_400;
const HALF_LIFE = DAY / 2;
/** One other key is a coincidence. */
const FEWEST = 1.5;

/**
 * Roll-outs: how often an agent is being taken up at this moment, by the keys that took it up at an address they had
 * shown before. Counted whether or not the key's incident lets the event be learned, else the alerts on the first keys
 * would hide a roll-out from the others; a thief with many keys comes from addresses of his own and does not count.
 */
export interface Adoption {
  /** Take-ups a key and day. */
  rate(agent: number, seconds: number): number;
  /** Counts the observation's key, once an agent: when the agent is learned now, it is not news to the key again. */
  count(o: Observation, taught: boolean): void;
}

const LOW = 0x61646f70;
const HIGH = 0x74696f6e;

export function bindAdoption(tables: Tables): Adoption {
  const { facts } = tables;
  const baseline = bindBaseline(tables);
  const slotOf = (agent: number) =>
    facts.find(factHome(LOW, levels.adoption, agent), factTag(HIGH, levels.adoption, agent));
  return {
    rate(agent, seconds) {
      const slot = slotOf(agent);
      if (slot < 0) return 0;
      const keys = facts.count(slot) * decayFactor(seconds - facts.last(slot), HALF_LIFE);
      return keys < FEWEST ? 0 : (keys * Math.LN2 * (DAY / HALF_LIFE)) / baseline.activeKeys();
    },
    count(o, taught) {
      const { seconds, client } = o;
      const { agent } = client;
      if (findFact(facts, o, levels.adoption, agent) >= 0) return;
      if (!taught) markFact(facts, o, levels.adoption, agent);
      const slot = slotOf(agent);
      if (slot < 0) {
        facts.add(factHome(LOW, levels.adoption, agent), factTag(HIGH, levels.adoption, agent), seconds);
        return;
      }
      facts.scale(slot, decayFactor(seconds - facts.last(slot), HALF_LIFE));
      facts.touch(slot, seconds);
    },
  };
}
