import type { UsageEvent } from '../domain/event';
import { createLogSources, type LogSources, passTime } from './sources';

/**
 * Event time that a faulty clock cannot push about.
 *
 * A record with a broker timestamp moves the watermark no further than that timestamp plus the skew; a time beyond is
 * set back to that bound. A record without one moves it freely within the skew; beyond, it waits until others agree:
 * three quarters of the last 16 records, of at least two keys (of the last 64 where there is only one key), lie at or
 * beyond the new time. A record that nobody bears out within 64 records is a clock fault: its time is set back to the
 * watermark, which it does not move, and it is used all the same. At most 64 records wait. Records later than the allowed
 * lateness are refused.
 */
export interface GateSettings {
  readonly skewMs: number;
  readonly latenessMs: number;
}

export interface GatedEvent {
  readonly event: UsageEvent;
  /** The event's time as judged plausible, milliseconds. */
  readonly ts: number;
}

/** Plain data, part of the checkpoint. Times are milliseconds; `watermark` is 0 until the first agreement. */
export interface GateState {
  watermark: number;
  /** Records seen without a broker timestamp. */
  seen: number;
  recent: { ts: number; key: string }[];
  waiting: { event: UsageEvent; at: number }[];
  clockFaults: number;
  late: number;
  /** Where an internal log's events come from; empty where the log is the input itself. */
  sources: LogSources;
}

const WINDOW = 16;
const LONG_WINDOW = 64;

export function createGateState(): GateState {
  return { watermark: 0, seen: 0, recent: [], waiting: [], clockFaults: 0, late: 0, sources: createLogSources() };
}

/** Takes one event in log order and hands on, in order, what may be used now (none, one, or several). */
export function admit(
  gate: GateState,
  event: UsageEvent,
  brokerTimestamp: number | undefined,
  settings: GateSettings,
  use: (event: UsageEvent, ts: number) => void,
): void {
  if (brokerTimestamp !== undefined) {
    const bound = brokerTimestamp + settings.skewMs;
    if (event.ts > bound) gate.clockFaults++;
    pass(gate, event, Math.min(event.ts, bound), settings, use);
    return;
  }
  gate.seen++;
  remember(gate.recent, event);
  if (gate.watermark > 0 && event.ts <= gate.watermark + settings.skewMs) {
    pass(gate, event, event.ts, settings, use);
    if (gate.waiting.length > 0) expire(gate, settings, use);
    return;
  }
  gate.waiting.push({ event, at: gate.seen });
  const agreed = agreedTime(gate.recent);
  if (agreed > gate.watermark) {
    gate.watermark = gate.watermark === 0 ? earliest(gate, agreed) : agreed;
    release(gate, agreed, settings, use);
    gate.watermark = Math.max(gate.watermark, agreed);
  }
  expire(gate, settings, use);
}

/** The entry that falls out of the window is used again: one a record would be garbage. */
function remember(recent: { ts: number; key: string }[], { ts, key }: UsageEvent): void {
  const entry = recent.length < LONG_WINDOW ? { ts, key } : recent.shift()!;
  entry.ts = ts;
  entry.key = key;
  recent.push(entry);
}

/** Time has passed up to `now` (a tick): what waited and is not beyond `now` is borne out by it, the rest set back. */
export function tick(
  gate: GateState,
  now: number,
  settings: GateSettings,
  use: (event: UsageEvent, ts: number) => void,
): void {
  const waiting = gate.waiting;
  gate.waiting = [];
  for (const { event } of waiting) {
    if (event.ts > now + settings.skewMs) gate.clockFaults++;
    pass(gate, event, Math.min(event.ts, now + settings.skewMs), settings, use);
  }
  passTime(gate, now);
}

function pass(
  gate: GateState,
  event: UsageEvent,
  ts: number,
  settings: GateSettings,
  use: (event: UsageEvent, ts: number) => void,
): void {
  if (ts < gate.watermark - settings.latenessMs) {
    gate.late++;
    return;
  }
  if (ts > gate.watermark) gate.watermark = ts;
  use(event, ts);
}

/** The time that three quarters of the recent records have reached; 0 where they are too few or of one key only. */
function agreedTime(recent: readonly { ts: number; key: string }[]): number {
  const short = recent.slice(-WINDOW);
  if (short.length < WINDOW) return 0;
  const time = lowerQuartile(short);
  const voices = new Set(short.filter((r) => r.ts >= time).map((r) => r.key));
  if (voices.size >= 2) return time;
  return recent.length < LONG_WINDOW ? 0 : lowerQuartile(recent);
}

function lowerQuartile(records: readonly { ts: number }[]): number {
  const times = records.map((r) => r.ts).sort((a, b) => a - b);
  return times[Math.floor(times.length / 4)];
}

/**
 * Where a log begins: the first agreement is on a time that a quarter of the records precede, and in a sparse log these
 * lie hours before it. They are believed when they lie no further below it than the upper quartile lies above it.
 */
function earliest(gate: GateState, agreed: number): number {
  const times = gate.recent.map((r) => r.ts).sort((a, b) => a - b);
  const reach = times[Math.floor((times.length * 3) / 4)] - agreed;
  let first = agreed;
  for (const { event } of gate.waiting) if (event.ts >= agreed - reach) first = Math.min(first, event.ts);
  return first;
}

/** Hands on those that wait and lie no further beyond `agreed` than the skew. */
function release(
  gate: GateState,
  agreed: number,
  settings: GateSettings,
  use: (event: UsageEvent, ts: number) => void,
): void {
  const kept: typeof gate.waiting = [];
  for (const item of gate.waiting) {
    const bound = Math.max(gate.watermark, agreed) + settings.skewMs;
    if (item.event.ts <= bound) pass(gate, item.event, item.event.ts, settings, use);
    else kept.push(item);
  }
  gate.waiting = kept;
}

function expire(gate: GateState, settings: GateSettings, use: (event: UsageEvent, ts: number) => void): void {
  while (gate.waiting.length > 0 && gate.seen - gate.waiting[0].at >= LONG_WINDOW) {
    const { event } = gate.waiting.shift()!;
    gate.clockFaults++;
    pass(gate, event, Math.min(event.ts, gate.watermark), settings, use);
  }
}
