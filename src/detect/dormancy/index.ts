import { at, part } from '../../stats/columns';
import { surprise } from '../../stats/tail';
import { bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, levels, MIN_SURPRISE, type Tables } from '../detector';
import { findFact, markFact } from '../familiarity';
import { count, inSpan } from '../words';

const DAY = 86_400;
/** From this silence on a key counts as dormant, seconds. */
const DORMANT = 90 * DAY;
/** A silence of the whole partition this long is missing data and nobody's sleep, seconds. */
const GAP = 3 * DAY;
/** Before anything was seen: one key in so many wakes on a day. */
const PRIOR_KEY_DAYS = 300;
/**
 * A key that is taken up again is often moved to other machines at the same time, so waking must not add up with a new
 * place to what a suspension asks for (signs count from a surprise of 2).
 */
const MOST = 1.9;
/** The one value of the level `woke`. */
const WOKE = 1;

/**
 * Of the partition: its last event, begin and end of its last gap (seconds), keys that woke for the first time in all, and
 * on which day how many.
 */
const SEEN = 0;
const GAP_FROM = 1;
const GAP_TO = 2;
const WAKES = 3;
const DAY_OF_WAKES = 4;
const WAKES_OF_DAY = 5;

/**
 * A key that wakes: its first use after 90 days of silence, time in which the whole log is silent not counted. As odd as
 * first wakings are rare in the fleet, or on this day, at most 1.9; for a key that did so before, as its share of such spans that ended so.
 * Says nothing of a key whose row was given up in the meantime (then it begins anew). By then most of what the key showed
 * may be forgotten: the owner himself may look like a newcomer. Blind to whatever wakes slowly.
 */
export const dormancy: Detector = {
  name: 'dormancy',
  facet: 'time',
  columns: [{ name: 'dormancy.fleet', type: 'f64', width: 6, version: 1, scope: 'partition' }],
  bind: bindDormancy,
};

function bindDormancy(tables: Tables): BoundDetector {
  const { facts } = tables;
  const last = tables.column('baseline.last');
  const fleet = tables.column('dormancy.fleet');
  const baseline = bindBaseline(tables);

  /** Seconds of silence before `seconds`, less the log's own last gap where it lies within. */
  function silence(row: number, seconds: number): number {
    const { data } = fleet;
    const since = part(last, row)[at(last, row)];
    if (since === 0 || seconds - since < DORMANT) return 0;
    const nowGap = seconds - data[SEEN] >= GAP ? seconds - data[SEEN] : 0;
    const oldGap = since <= data[GAP_FROM] ? data[GAP_TO] - data[GAP_FROM] : 0;
    const silent = seconds - since - nowGap - oldGap;
    return silent >= DORMANT ? silent : 0;
  }

  /** Share of today's keys that woke today: a whole customer base may come back at once. */
  function wokenToday(day: number): number {
    return fleet.data[DAY_OF_WAKES] === day ? fleet.data[WAKES_OF_DAY] / baseline.activeKeys() : 0;
  }

  return {
    score(row, o) {
      const silent = silence(row, o.seconds);
      if (silent === 0) return undefined;
      const slot = findFact(facts, o, levels.woke, WOKE);
      const before = slot < 0 ? 0 : facts.count(slot);
      const age = baseline.age(row, o.seconds);
      const chance =
        before > 0
          ? (before + 1) / ((age * DAY) / DORMANT + 1)
          : Math.max((fleet.data[WAKES] + 1) / (baseline.keyDays() + PRIOR_KEY_DAYS), wokenToday(o.day));
      const odd = Math.min(MOST, surprise(Math.min(1, chance)));
      if (odd < MIN_SURPRISE) return undefined;
      return {
        detector: 'dormancy',
        facet: 'time',
        kind: 'statistical',
        surprise: odd,
        confidence: o.confidence,
        saw: `first use after ${count(silent / DAY)} days of silence`,
        expected: `${before === 0 ? 'no such silence before' : `${count(before)} such silences`} ${inSpan(age)}; ${count(fleet.data[WAKES])} of all keys woke so far`,
        since: baseline.since(row) * 1000,
        aboutActor: false,
      };
    },
    count(row, o) {
      const { data } = fleet;
      if (silence(row, o.seconds) > 0) {
        if (findFact(facts, o, levels.woke, WOKE) < 0) {
          data[WAKES]++;
          data[WAKES_OF_DAY] = data[DAY_OF_WAKES] === o.day ? data[WAKES_OF_DAY] + 1 : 1;
          data[DAY_OF_WAKES] = o.day;
        }
        markFact(facts, o, levels.woke, WOKE);
      }
      if (o.seconds <= data[SEEN]) return;
      if (data[SEEN] > 0 && o.seconds - data[SEEN] >= GAP) {
        data[GAP_FROM] = data[SEEN];
        data[GAP_TO] = o.seconds;
      }
      data[SEEN] = o.seconds;
    },
    learn() {},
  };
}
