import type { UsageEvent } from '../domain/event';
import type { GateSettings, GateState } from './time-gate';

/**
 * Where an internal log's events come from: several source partitions, each read at its own pace.
 *
 * - An event at or below the place that was taken of its source is a repetition (Ingest wrote a pack again after a crash)
 *   and is dropped.
 * - The watermark is the least event time of the sources that are not idle, and never goes back. Late is what lies further
 *   behind *its own* source, and behind the watermark, than the allowed lateness: a source that is catching up loses nothing.
 * - A source is idle when the log has gone on for a minute without it. The log's clock is the broker's time of its records,
 *   and of its ticks: the same in every replay.
 */
export interface LogSource {
  readonly generation: number;
  readonly partition: number;
  /** The highest place taken; offset −1 before the first. */
  offset: number;
  index: number;
  /** Event time reached, milliseconds. */
  time: number;
  /** The log's clock when it was last heard of. */
  seenAt: number;
}

/** Plain data, part of the checkpoint. */
export interface LogSources {
  clock: number;
  list: LogSource[];
}

export const SOURCE_IDLE_MS = 60_000;
/** Beyond, the source that was not heard of for longest is forgotten; a topic has fewer partitions than this. */
export const MAX_LOG_SOURCES = 4_096;

export function createLogSources(): LogSources {
  return { clock: 0, list: [] };
}

/** The source that a record of the log comes from, heard of just now. `loggedAt`: the broker's time of that record. */
export function hear(sources: LogSources, generation: number, partition: number, loggedAt: number): LogSource {
  sources.clock = Math.max(sources.clock, loggedAt);
  let source = sources.list.find((one) => one.partition === partition && one.generation === generation);
  if (source === undefined) {
    source = { generation, partition, offset: -1, index: 0, time: 0, seenAt: 0 };
    if (sources.list.length >= MAX_LOG_SOURCES) forget(sources);
    sources.list.push(source);
  }
  source.seenAt = sources.clock;
  return source;
}

function forget(sources: LogSources): void {
  const longest = sources.list.reduce((least, one) => (one.seenAt < least.seenAt ? one : least));
  sources.list = sources.list.filter((one) => one !== longest);
}

/** Moves the source to the place; false where it was there or beyond already. */
export function advanceTo(source: LogSource, offset: number, index: number): boolean {
  if (offset < source.offset || (offset === source.offset && index <= source.index)) return false;
  source.offset = offset;
  source.index = index;
  return true;
}

/**
 * Takes one event of a source. `bound` is the broker's time of its record: its event time runs ahead of that by no more
 * than the skew, and is set back to there otherwise.
 */
export function admitFrom(
  gate: GateState,
  source: LogSource,
  event: UsageEvent,
  bound: number,
  settings: GateSettings,
  use: (event: UsageEvent, ts: number) => void,
): void {
  const furthest = bound + settings.skewMs;
  if (event.ts > furthest) gate.clockFaults++;
  const ts = Math.min(event.ts, furthest);
  const reached = Math.min(source.time, gate.watermark);
  if (ts < reached - settings.latenessMs) {
    gate.late++;
    return;
  }
  if (ts > source.time) source.time = ts;
  use(event, ts);
}

/** Brings the watermark to the least time of the sources that are not idle; where all are, it stays. */
export function raise(gate: GateState): void {
  const { list, clock } = gate.sources;
  let least = Infinity;
  for (const { seenAt, time } of list) if (clock - seenAt <= SOURCE_IDLE_MS && time < least) least = time;
  if (least !== Infinity && least > gate.watermark) gate.watermark = least;
}

/** The log's clock goes on without events. */
export function passTime(gate: GateState, now: number): void {
  gate.sources.clock = Math.max(gate.sources.clock, now);
  raise(gate);
}
