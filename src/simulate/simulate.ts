import type { UsageEventRecord } from '../domain/event';
import { fleet, type KeyPlan, type Mix, type Newcomer } from './fleet';
import type { TheftKind } from './kinds';
import { merge } from './merge';
import { ownerTraffic, type SimulatedEvent } from './owner';
import { planThefts, type TheftPlan } from './thefts';
import { thiefTraffic } from './thief';
import { type World, worldOf } from './world';

export type { SimulatedEvent } from './owner';

export interface SimulateOptions {
  /** Any text or number; the same one gives the same bytes. */
  readonly seed: string | number;
  /** Keys in the fleet, those that succeed a rotated key included. */
  readonly keys: number;
  readonly days: number;
  /** First moment, milliseconds UTC. Default: Monday, 5 January 2026. */
  readonly start?: number;
  /** Theft incidents (kinds take turns), or their kinds in order. One incident may touch several keys. Default 0. */
  readonly thefts?: number | readonly TheftKind[];
  /** Share of the time that passes before the first theft. Default 0.65. */
  readonly quietShare?: number;
  /** Requests of a key on a mean day, averaged over kinds of customers. Default 400. */
  readonly ratePerKeyDay?: number;
  /** Deployments and outages for everybody. Default true. */
  readonly incidents?: boolean;
  /** Shapes of customers by weight, instead of the usual mix. */
  readonly mix?: Mix;
}

/** One theft, as the label files of labelled traffic state it. */
export interface TheftLabel {
  readonly key: string;
  /** Time of the thief's first request, RFC 3339. */
  readonly start: string;
  /** Time of the thief's last request. */
  readonly end: string;
  /** End of the time in which the thief was at work: an alert up to an hour later counts as found. */
  readonly windowEnd: string;
  readonly kind: TheftKind;
  readonly events: number;
  readonly theftId: string;
  readonly thief: { readonly country: string; readonly ip: string };
}

const DEFAULT_START = Date.UTC(2026, 0, 5);
const DAY = 86_400_000;

interface Plan {
  readonly world: World;
  readonly keys: readonly KeyPlan[];
  readonly thefts: readonly TheftPlan[];
}

function planOf(options: SimulateOptions): Plan {
  const { keys, days, start = DEFAULT_START, thefts = 0, quietShare = 0.65, ratePerKeyDay = 400 } = options;
  if (!Number.isInteger(keys) || keys < 1 || keys > 65_536) throw new RangeError('keys: expected 1 to 65,536');
  if (!(days > 0 && days <= 3_660)) throw new RangeError('days: expected more than 0 and at most 3,660');
  if (!(ratePerKeyDay > 0 && ratePerKeyDay <= 1e8)) throw new RangeError('ratePerKeyDay: expected more than 0');
  if (!(quietShare >= 0 && quietShare < 1)) throw new RangeError('quietShare: expected 0 up to, not including, 1');
  if (typeof thefts === 'number' && !(Number.isInteger(thefts) && thefts >= 0))
    throw new RangeError('thefts: expected a whole number, 0 or more');
  const begin = Math.floor(start);
  const end = begin + Math.round(days * DAY);
  if (!(Math.abs(begin) < 8e15 && end < 8e15)) throw new RangeError('start: expected milliseconds UTC');
  const world = worldOf(String(options.seed), begin, end, options.incidents ?? true);
  const plans = fleet(world, keys, ratePerKeyDay, options.mix);
  return { world, keys: plans, thefts: planThefts(world, plans, thefts, begin + quietShare * (end - begin)) };
}

/**
 * Traffic of a simulated fleet in time order, thefts marked. Iterating again gives the same events. Memory grows with
 * keys and thefts, not with events. Throws a RangeError for options that cannot be met.
 */
export function simulate(options: SimulateOptions): Iterable<SimulatedEvent> {
  const { world, keys, thefts } = planOf(options);
  return {
    [Symbol.iterator]: () =>
      merge<SimulatedEvent>([
        ...keys.map((plan) => ownerTraffic(plan, world)),
        ...thefts.map((plan) => thiefTraffic(plan, world)),
      ]),
  };
}

/** The thefts of the same options, by time: exactly those events that `simulate` marks. */
export function labels(options: SimulateOptions): readonly TheftLabel[] {
  const { world, thefts } = planOf(options);
  return thefts
    .map((plan) => labelOf(plan, world))
    .toSorted((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
}

function labelOf(plan: TheftPlan, world: World): TheftLabel {
  let first: SimulatedEvent | undefined;
  let last: SimulatedEvent | undefined;
  let events = 0;
  for (const event of thiefTraffic(plan, world)) {
    first ??= event;
    last = event;
    events++;
  }
  const iso = (at: number) => new Date(at).toISOString();
  return {
    key: plan.victim.key,
    start: iso(first!.at),
    end: iso(last!.at),
    windowEnd: iso(Math.max(plan.until, last!.at)),
    kind: plan.kind,
    events,
    theftId: plan.id,
    thief: { country: plan.block.country, ip: first!.record.ip! },
  };
}

/** What begins harmlessly on single keys (new machines, moves, second clients): an alert at one is a false alert. */
export function newcomers(options: SimulateOptions): readonly Newcomer[] {
  return planOf(options)
    .keys.flatMap((plan) => plan.newcomers)
    .toSorted((a, b) => a.at - b.at);
}

/** A record as one line of NDJSON, without the line feed. */
export function formatRecord(record: UsageEventRecord): string {
  return JSON.stringify(record);
}
