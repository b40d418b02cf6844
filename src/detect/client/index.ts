import { at, part } from '../../stats/columns';
import { decayFactor } from '../../stats/decay';
import { factHome, factTag } from '../../stats/facts';
import { combine } from '../../stats/hash';
import { chancePerDay, surprise } from '../../stats/tail';
import { bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, levels, MIN_SURPRISE, type Tables } from '../detector';
import { CLIENT_GRADES, clientGrades, findFact } from '../familiarity';
import { bindNewcomers, newcomerColumns, SETTLING } from '../newcomers';
import { count, inSpan, outOf, rateInWords } from '../words';

/** Names the fleet's own facts: which clients are newly appearing on many keys. */
const FLEET_LOW = 0x666c6565;
const FLEET_HIGH = 0x74666c65;
const ADOPTION_HALF_LIFE = 43_200;

/**
 * Which client uses the key. Evidence: an agent further from everything this key has shown than its past newcomers
 * were, unless the same agent is just appearing on many keys (a roll-out). Blind to a thief who copies the agent.
 */
export const client: Detector = {
  name: 'client',
  facet: 'client',
  columns: [
    ...newcomerColumns('client', CLIENT_GRADES),
    { name: 'client.home', type: 'u32', width: 1, version: 1, scope: 'key' },
    { name: 'client.homeCount', type: 'f32', width: 1, version: 2, scope: 'key' },
  ],
  bind: bindClient,
};

function bindClient(tables: Tables): BoundDetector {
  const { facts } = tables;
  const rates = bindNewcomers(tables, 'client');
  const baseline = bindBaseline(tables);
  const home = tables.column('client.home');
  const homeCount = tables.column('client.homeCount');

  /** How many keys took this agent up lately, an earlier take-up counting less. */
  const adoptions = (agent: number, seconds: number): number => {
    const slot = facts.find(fleetHome(agent), fleetTag(agent));
    return slot < 0 ? 0 : facts.count(slot) * decayFactor(seconds - facts.last(slot), ADOPTION_HALF_LIFE);
  };

  return {
    score(row, o) {
      const grade = o.clientGrade;
      if (grade === 0 || baseline.events(row) === 0) return undefined;
      const rate = rates.rate(row, grade, o.seconds, baseline.since(row), baseline.keyDays());
      const adopted = adoptions(o.client.agent, o.seconds);
      const rollout = adopted < 2 ? 0 : Math.min(1, adopted / baseline.activeKeys());
      const odd = surprise(Math.max(chancePerDay(rate), rollout));
      if (odd < MIN_SURPRISE) return undefined;
      return {
        detector: 'client',
        facet: 'client',
        kind: 'statistical',
        surprise: odd,
        confidence: o.confidence,
        saw: `${clientGrades[grade]}: ${o.client.name}`,
        expected: `${homeWords(row)}; ${clientGrades[grade]} ${rateInWords(rate)} on this key, ${count(rates.own(row, grade))} so far ${inSpan(baseline.age(row, o.seconds))}`,
        since: baseline.since(row) * 1000,
        aboutActor: true,
      };
    },
    learn(row, o) {
      const grade = o.clientGrade;
      if (grade > 0 && baseline.events(row) > 0) {
        if (!o.expected && baseline.age(row, o.seconds) >= SETTLING) rates.learn(row, grade, o.seconds);
        adopt(o.client.agent, o.seconds);
      }
      const slot = findFact(facts, o, levels.product, o.client.product);
      if (slot < 0) return;
      const seen = facts.count(slot) + 1;
      const most = at(homeCount, row);
      if (o.client.product === part(home, row)[at(home, row)]) part(homeCount, row)[most] = seen;
      else if (seen > part(homeCount, row)[most]) {
        part(home, row)[at(home, row)] = o.client.product;
        part(homeCount, row)[most] = seen;
        tables.names.remember(o.client.product, o.client.name);
      }
    },
  };

  function adopt(agent: number, seconds: number): void {
    const slot = facts.find(fleetHome(agent), fleetTag(agent));
    if (slot < 0) {
      facts.add(fleetHome(agent), fleetTag(agent), seconds);
      return;
    }
    facts.scale(slot, decayFactor(seconds - facts.last(slot), ADOPTION_HALF_LIFE));
    facts.touch(slot, seconds);
  }

  function homeWords(row: number): string {
    if (part(home, row)[at(home, row)] === 0) return 'no client known so far';
    return `${tables.names.get(part(home, row)[at(home, row)]) ?? 'one product'} ${outOf(part(homeCount, row)[at(homeCount, row)], baseline.events(row))}`;
  }
}

const fleetHome = (agent: number) => factHome(FLEET_LOW, levels.agent, combine(agent, 1));
const fleetTag = (agent: number) => factTag(FLEET_HIGH, levels.agent, combine(agent, 2));
