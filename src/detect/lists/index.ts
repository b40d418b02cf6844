import type { AddressList } from '../../domain/address-list';
import type { Observation } from '../../domain/observation';
import { chancePerDay, surprise } from '../../stats/tail';
import { bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, MIN_SURPRISE, type Tables } from '../detector';
import { count, inBrackets, rateInWords } from '../words';
import { type Prefixes, prefixesOf } from './prefixes';

/**
 * An address on one of the configured lists that is new to the key. Where the list is a rule, a broken one; else how rarely
 * that happens: the fleet's rate of such newcomers a key-day, whatever the list. Blind to addresses on no list, and silent
 * about a key whose owner has always used one.
 */
export const lists: Detector = {
  name: 'lists',
  facet: 'geography',
  /** Harmless newcomers of all keys that were on a list. */
  columns: [{ name: 'lists.fleet', type: 'f64', width: 1, version: 1, scope: 'partition' }],
  bind: bindLists,
};

/** Before anything was seen: one key-day in a thousand, worth a hundred key-days. */
const PRIOR = 0.1;
const PRIOR_DAYS = 100;

function bindLists(tables: Tables): BoundDetector {
  const fleet = tables.column('lists.fleet');
  const baseline = bindBaseline(tables);
  const ready = new WeakMap<AddressList, Prefixes>();

  function listed(o: Observation): AddressList | undefined {
    if (o.networkGrade === 0 || o.lists.length === 0) return undefined;
    let found: AddressList | undefined;
    for (const list of o.lists) {
      let prefixes = ready.get(list);
      if (prefixes === undefined) {
        prefixes = prefixesOf(list.networks);
        ready.set(list, prefixes);
      }
      if (found !== undefined && (!list.rule || found.rule)) continue;
      const { ip, address } = o.event;
      if (address === undefined ? prefixes.has(ip) : address.lists.includes(list.name)) found = list;
    }
    return found;
  }

  return {
    score(row, o) {
      const list = listed(o);
      if (list === undefined || baseline.events(row) === 0) return undefined;
      const rate = (fleet.data[0] + PRIOR) / (baseline.keyDays() + PRIOR_DAYS);
      const odd = list.rule ? 0 : surprise(chancePerDay(rate));
      if (!list.rule && odd < MIN_SURPRISE) return undefined;
      return {
        detector: 'lists',
        facet: 'geography',
        kind: list.rule ? 'rule' : 'statistical',
        surprise: odd,
        confidence: list.rule ? 1 : o.confidence,
        saw: `an address of the list ${list.name}${inBrackets(o.event.ip)}`,
        expected: `none that is new to a key; over all keys ${rateInWords(rate)} a key, ${count(fleet.data[0])} so far`,
        since: baseline.since(row) * 1000,
        aboutActor: true,
      };
    },
    learn(row, o) {
      if (o.networkGrade > 0 && !o.expected && baseline.events(row) > 0 && listed(o) !== undefined) fleet.data[0]++;
    },
  };
}
