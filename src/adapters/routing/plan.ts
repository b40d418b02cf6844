import { z } from 'zod';
import type { Config } from '../../config';
import { type AlertDocument, kindOf, severityOfName } from '../../domain/alert';
import { count, speaks, summaryOf, type Tally, tallySchema } from './tally';
import type { Maintenance, Muting } from './windows';

/** What an output's configuration says of routing. */
export type Routing = Pick<Config['alerts'][number], 'record' | 'minSeverity' | 'kinds' | 'rateLimit'>;

/** Most documents of one write that are remembered; the courier's batches are smaller. */
const MAX_LAST = 1_000;
/** Events arrive late: a maintenance summary waits at least so long for more of them. */
const SETTLING_MS = 900_000;

/** What must outlive a restart for one output. Times are of the wall clock, milliseconds. */
export const routingState = z.object({
  /** The rate limit's present window: its beginning, and how many documents it let pass. */
  window: z.object({ start: z.number(), passed: z.number().int() }),
  tallies: z.array(tallySchema).max(128),
  /** Ids of the last write that counted anything, and whether each was written: a crash may bring it again. */
  last: z.array(z.tuple([z.string(), z.boolean()])).max(MAX_LAST),
});
export type RoutingState = z.infer<typeof routingState>;

export const emptyRoutingState: RoutingState = { window: { start: 0, passed: 0 }, tallies: [], last: [] };

export interface RoutingRules extends Routing {
  readonly output: string;
  readonly maintenance: Maintenance;
}

export interface Plan {
  /** What to write, in order. */
  readonly out: readonly AlertDocument[];
  /** How many of the documents are not among `out`. */
  readonly withheld: number;
  /** The state once that is written; the same object where nothing was counted. */
  readonly next: RoutingState;
}

/**
 * What of these documents goes to an output, and what is counted instead. Summaries that are due come first. Pure: an
 * attempt that failed is planned again from the same state and gives the same, or more if a window ended meanwhile.
 */
export function plan(state: RoutingState, documents: readonly AlertDocument[], now: number, rules: RoutingRules): Plan {
  const isDue = (tally: Tally) =>
    tally.dueAt <= now || (tally.by === 'rate-limit' && isAhead(state.window, now, rules));
  const open = new Map(state.tallies.filter((tally) => !isDue(tally)).map((tally) => [placeOf(tally), tally]));
  const due = state.tallies.filter(isDue);
  const out = due.filter(speaks).map((tally) => summaryOf(tally, rules.output));
  const summaries = out.length;
  const window = windowAt(state.window, now, rules);
  const known = new Map(state.last);
  const counted = new Map<string, boolean>();

  for (const document of documents) {
    if (!wants(rules, document)) continue;
    const { id } = document.event;
    const muting = rules.maintenance(document);
    const shown = muting === undefined ? document : muted(document, muting);
    const before = known.get(id) ?? counted.get(id);
    if (before !== undefined) {
      if (before) out.push(shown);
      continue;
    }
    const cause = causeOf(rules, muting, document, window, now);
    if (cause !== undefined) open.set(placeOf(cause), count(open.get(placeOf(cause)), document, cause));
    const passes = cause === undefined || (muting !== undefined && rules.record);
    if (passes) out.push(shown);
    if (cause === undefined && rules.rateLimit !== undefined) window.passed++;
    if (cause !== undefined || rules.rateLimit !== undefined) counted.set(id, passes);
  }

  const withheld = documents.length - (out.length - summaries);
  if (due.length === 0 && counted.size === 0) return { out, withheld, next: state };
  const last = counted.size === 0 ? state.last : [...counted].slice(0, MAX_LAST);
  return { out, withheld, next: { window, tallies: [...open.values()], last } };
}

/** When the next summary is due; undefined when nothing is held back. */
export function nextDue(state: RoutingState): number | undefined {
  return state.tallies.length === 0 ? undefined : Math.min(...state.tallies.map((tally) => tally.dueAt));
}

export function wants(routing: Routing, document: AlertDocument): boolean {
  return document.event.severity >= severityOfName[routing.minSeverity] && routing.kinds.includes(kindOf(document));
}

/** An alert decided in a maintenance window is an event to those who raise alerts; the record says why. */
function muted(document: AlertDocument, { name }: Muting): AlertDocument {
  const { event, keywatch } = document;
  return { ...document, event: { ...event, kind: 'event' }, keywatch: { ...keywatch, muted: name } };
}

type Cause = Pick<Tally, 'by' | 'window' | 'limit' | 'dueAt'>;

/** Why a document is not told, undefined where it is. */
function causeOf(
  { rateLimit }: Routing,
  muting: Muting | undefined,
  document: AlertDocument,
  window: RoutingState['window'],
  now: number,
): Cause | undefined {
  if (muting !== undefined) {
    return { by: 'maintenance', window: muting.name, limit: '', dueAt: Math.max(muting.end, now + SETTLING_MS) };
  }
  if (rateLimit === undefined || window.passed < rateLimit.documents) return undefined;
  if (rateLimit.exempt !== 'none' && document.event.severity >= severityOfName[rateLimit.exempt]) return undefined;
  const limit = `${rateLimit.documents} in ${spanText(rateLimit.window)}`;
  return { by: 'rate-limit', window: '', limit, dueAt: window.start + rateLimit.window };
}

/**
 * Windows lie on multiples of their length. A clock that was set back a little does not begin one anew; one that had run
 * far ahead does, or nothing would pass until that time has come.
 */
function windowAt(window: RoutingState['window'], now: number, rules: Routing): RoutingState['window'] {
  const { rateLimit } = rules;
  if (rateLimit === undefined) return { ...window };
  const start = Math.floor(now / rateLimit.window) * rateLimit.window;
  return start > window.start || isAhead(window, now, rules) ? { start, passed: 0 } : { ...window };
}

/** Whether a window begins later than the next one can. */
const isAhead = (window: RoutingState['window'], now: number, { rateLimit }: Routing): boolean =>
  rateLimit !== undefined && window.start - now > rateLimit.window;

const placeOf = ({ by, window }: Pick<Tally, 'by' | 'window'>) => `${by} ${window}`;

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

function spanText(ms: number): string {
  const [unit, size] = units.find(([, size]) => ms % size === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}
