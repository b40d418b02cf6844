import type { Guessing } from '../../domain/guessing';
import type { Observation } from '../../domain/observation';
import { hashText } from '../../stats/hash';
import { chancePerDay, surprise } from '../../stats/tail';
import { bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, levels, MIN_SURPRISE, type Tables } from '../detector';
import { findFact, markFact } from '../familiarity';
import { count } from '../words';
import { bindNetworks, MANY, networkColumns } from './networks';

/** Keys are refused at places of their own for their own reasons; elsewhere somebody tries them. */
const STRANGE = 2;
/** Before anything was seen: one key in so many is used from such a network for the first time on a day. */
const PRIOR_KEY_DAYS = 300;
/** Notices a day; a spray from a thousand networks is one story. */
const MOST_TOLD = 20;

/** Of the partition: keys met at such networks, and on which day how many notices were written. */
const MET = 0;
const TOLD_DAY = 1;
const TOLD = 2;

/**
 * Credential stuffing: many different keys refused (401) from one near network within an hour, keys unknown here or never
 * used from there. That is told as a notice about the network. Evidence against a key is its successful use from such a
 * network within a day, where the network is new to it, against how often keys of the fleet meet one. Blind to guessing from many
 * networks, to less than 20 keys an hour, and where the log does not name refused keys or has no addresses.
 */
export const stuffing: Detector = {
  name: 'stuffing',
  facet: 'actor',
  columns: [...networkColumns, { name: 'stuffing.fleet', type: 'f64', width: 3, version: 1, scope: 'partition' }],
  bind: bindStuffing,
};

function bindStuffing(tables: Tables): BoundDetector {
  const { facts } = tables;
  const networks = bindNetworks(tables.column('stuffing.networks'), tables.column('stuffing.sketches'));
  const fleet = tables.column('stuffing.fleet');
  const baseline = bindBaseline(tables);

  const guessedAt = (row: number, o: Observation) =>
    o.networkGrade >= STRANGE && o.network.near !== 0 && o.event.status < 400 && baseline.events(row) > 0
      ? networks.recent(o.network.near, o.seconds)
      : undefined;

  return {
    score(row, o) {
      const guessed = guessedAt(row, o);
      if (guessed === undefined) return undefined;
      const rate = (fleet.data[MET] + 1) / (baseline.keyDays() + PRIOR_KEY_DAYS);
      const odd = surprise(chancePerDay(rate));
      if (odd < MIN_SURPRISE) return undefined;
      const minutes = Math.max(1, Math.round((o.seconds - guessed.at) / 60));
      return {
        detector: 'stuffing',
        facet: 'actor',
        kind: 'statistical',
        surprise: odd,
        confidence: o.confidence,
        saw: `used from ${o.network.nearName}, new to this key, where about ${count(guessed.keys)} different keys were refused within an hour, the last ${minutes < 120 ? `${count(minutes)} min` : `${count(minutes / 60)} hours`} before`,
        expected: `a key meets such a network on one day in ${count(1 / rate)}; ${count(fleet.data[MET])} keys did so far`,
        since: baseline.since(row) * 1000,
        aboutActor: true,
      };
    },
    count(row, o) {
      if (guessedAt(row, o) === undefined || findFact(facts, o, levels.stuffed, o.network.near) >= 0) return;
      markFact(facts, o, levels.stuffed, o.network.near);
      fleet.data[MET]++;
    },
    learn() {},
    refused(o, known): Guessing | undefined {
      const { near, nearName } = o.network;
      if (near === 0 || (known && o.networkGrade < STRANGE)) return undefined;
      const { keys, since } = networks.note(near, hashText(o.event.key), o.seconds);
      if (keys < MANY || !networks.tell(near, o.day) || !hasRoom(o.day)) return undefined;
      const { ip, country } = o.event;
      return { network: nearName, ip, country, keys, from: since * 1000, until: o.seconds * 1000 };
    },
  };

  function hasRoom(day: number): boolean {
    const { data } = fleet;
    if (day > data[TOLD_DAY]) {
      data[TOLD_DAY] = day;
      data[TOLD] = 0;
    }
    return data[TOLD]++ < MOST_TOLD;
  }
}
