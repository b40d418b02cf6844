import type { UsageEvent, UsageEventRecord } from '../domain/event';
import { bytesOf } from './api';
import { conductOf, type Repertoire, type Request } from './conduct';
import type { LogFacts } from './into-survey';
import { type LogTheft, planLogThefts } from './into-thefts';
import { kinds } from './kinds';
import { merge } from './merge';
import { random } from './random';
import type { TheftLabel } from './simulate';
import { times } from './thief';
import { answer, type World } from './world';

/**
 * Thieves of the simulator's kinds in a log of somebody's own: what they ask for, and how large and how well answered it
 * is, comes from the log's requests. Two passes over the log: `surveyLog`, then the events through `take`. The same log
 * and seed give the same thefts.
 */
export interface Mixer {
  readonly labels: readonly TheftLabel[];
  /** The requests of the mixed log that are due up to this one, in order. */
  take(event: UsageEvent): readonly MixedRecord[];
  /** The thieves' requests after the last one of the log. */
  rest(): readonly MixedRecord[];
}

export interface MixedRecord {
  readonly record: UsageEventRecord;
  readonly theftId?: string;
}

export interface MixOptions {
  readonly seed: number;
  /** Incidents; one may touch several keys. Fewer where the log has too few keys. */
  readonly thefts: number;
  /** Share of the time that passes before the first theft. Default 0.65. */
  readonly quietShare?: number;
}

interface ThiefRequest {
  readonly at: number;
  readonly record: UsageEventRecord;
  readonly theftId: string;
}

/** Throws a RangeError when no theft can be made of the log. */
export function createMixer(log: LogFacts, options: MixOptions): Mixer {
  const { seed, thefts: count, quietShare = 0.65 } = options;
  const thefts = planLogThefts(log, count, seed, quietShare);
  if (thefts.length === 0 && count > 0)
    throw new RangeError('the log has no key with a past of 50 requests that goes on into its last third');
  const requests = merge(thefts.map((theft) => traffic(theft, log, seed)));
  let next = requests.next();
  const due = (until: number): MixedRecord[] => {
    const records: MixedRecord[] = [];
    while (!next.done && next.value.at < until) {
      const { record, theftId } = next.value;
      records.push({ record, theftId });
      next = requests.next();
    }
    return records;
  };
  return {
    labels: thefts.map((theft) => labelOf(theft, log, seed)).toSorted((a, b) => (a.start < b.start ? -1 : 1)),
    take: (event) => [...due(event.ts), { record: recordOf(event) }],
    rest: () => due(Number.POSITIVE_INFINITY),
  };
}

function repertoireOf({ victim }: LogTheft, log: LogFacts): Repertoire {
  const reads = log.sample.filter((r) => r.method === 'GET');
  const creates = log.sample.filter((r) => r.method === 'POST');
  const numbered = victim.sample.find((r) => /\d/.test(r.path)) ?? log.sample.find((r) => /\d/.test(r.path));
  const named = numbered ?? victim.sample[0]!;
  const some = (list: readonly Request[]) => (list.length > 0 ? list : victim.sample);
  return {
    own: (_, rng) => rng.pick(victim.sample),
    any: (_, rng) => rng.pick(rng.chance(0.5) ? victim.sample : some(reads)),
    large: (_, rng) => rng.pick(some(log.largest)),
    item: (n) => ({ ...named, path: withNumber(named.path, n) }),
    create: (_, rng) => rng.pick(some(creates)),
  };
}

/** The last number of the path, or what is behind it, replaced. */
function withNumber(path: string, n: number): string {
  const at = path.search(/\d+\D*$/);
  return at < 0 ? `${path.replace(/\/$/, '')}/${n}` : path.slice(0, at) + path.slice(at).replace(/\d+/, String(n));
}

/** A log has the outages that it has; a thief's requests fail by themselves. */
const calm: World = { seed: '', start: 0, end: 0, deployments: [], outages: [] };

function* traffic(theft: LogTheft, log: LogFacts, seed: number): Generator<ThiefRequest> {
  const rng = random(`${seed}/${theft.id}`);
  const next = conductOf[kinds[theft.kind].conduct](repertoireOf(theft, log), theft.from, rng);
  const { event } = theft.victim;
  for (const at of times(theft, rng)) {
    const { request, errors, failures, larger = 1 } = next(at);
    const status = answer(calm, request.status, at, errors, rng, failures);
    const { method, path, route = '', bytes, latency } = request;
    const sent = bytes === undefined ? undefined : bytesOf(bytes, status, rng) * (status < 400 ? larger : 1);
    const { ip, userAgent, id } = theft;
    const record = recordOf({
      ...event,
      ts: at,
      ip,
      country: '',
      userAgent,
      method,
      path,
      route,
      status,
      bytes: sent,
      latencyMs: latency,
      requestId: '',
      outcome: '',
    });
    yield { at, record, theftId: id };
  }
}

function labelOf(theft: LogTheft, log: LogFacts, seed: number): TheftLabel {
  const at = [...traffic(theft, log, seed)].map((request) => request.at);
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    key: theft.victim.event.key,
    start: iso(at[0]!),
    end: iso(at.at(-1)!),
    windowEnd: iso(Math.max(theft.until, at.at(-1)!)),
    kind: theft.kind,
    events: at.length,
    theftId: theft.id,
    thief: { country: theft.country, ip: theft.ip },
  };
}

const texts = [
  'keyName',
  'tenant',
  'ip',
  'method',
  'path',
  'route',
  'userAgent',
  'requestId',
  'country',
  'outcome',
] as const satisfies readonly (keyof UsageEvent & keyof UsageEventRecord)[];

/** A request in keywatch's own format; what is unknown is left out. */
function recordOf(event: UsageEvent): UsageEventRecord {
  const { ts, key, status, bytes, latencyMs } = event;
  const record: Record<string, unknown> = { ts: new Date(ts).toISOString(), key };
  for (const name of texts) if (event[name] !== '') record[name] = event[name];
  if (status > 0) record.status = status;
  if (bytes !== undefined) record.bytes = bytes;
  if (latencyMs !== undefined) record.latency = latencyMs;
  return record as UsageEventRecord;
}
