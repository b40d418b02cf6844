import type { UsageEvent } from '../../domain/event';
import type { Observation } from '../../domain/observation';
import type { TrafficIncident, TrafficMovement } from '../../domain/traffic';
import { at, type Column, part } from '../../stats/columns';
import { hashText } from '../../stats/hash';
import { oddness, scoreSeries, seriesReason } from '../../stats/series';
import type { Tables } from '../detector';
import { assign, halve, vote, votes } from './heavy';
import * as L from './layout';
import { type Candidate, chooseAll, isMaterial, turnRing } from './speak';

export { trafficColumns } from './layout';

/** Windows without a request that are taken in one by one when time has passed over them; more teach nothing further. */
const MAX_SILENT = 288;
/** A route or tenant gets a series from so many votes on: about one request a window. */
const FEWEST_VOTES = 300;
/** A tick closes a window so long after its end, seconds: late records are still on their way. */
const GRACE = 300;
const ROUTES = 0;
const TENANTS = 1;
const HOUR = 3_600;
const DAY = 86_400;
const TENANT_SEED = 0x74656e61;
/** Requests at the usual share of failures that are added to a window's own. */
const PRIOR_REQUESTS = 20;
const LEAST_ODD = 1e-4;
/** Failures are left out of the past for so long, seconds. */
const ILL_AT_MOST = 6 * HOUR;

/** Everybody's traffic as series: of the fleet, of the busiest routes, of the busiest tenants. */
export interface Traffic {
  /** Event time has reached `seconds`: closes the windows that have passed. Answers what people should be told. */
  turn(seconds: number): TrafficIncident | undefined;
  /** The same where no event came, by a clock; waits a little longer. */
  tick(seconds: number): TrafficIncident | undefined;
  /** True when a tick at `seconds` would close a window. */
  wantsTick(seconds: number): boolean;
  /** Counts an event in the open window; `known` is false for one that says nothing about its key (401). */
  count(row: number, o: Observation, known: boolean): void;
}

/**
 * Per window of five minutes: requests, share of failures (401, 403, 429 and 5xx: what a client asks in vain is his matter) and
 * active keys of the fleet, requests of each of the 32 busiest routes and tenants. Bounded: 67 series of about 5 kB. An event costs a few additions, a window's end under a microsecond a
 * series. Events of windows that have closed count in the open one.
 */
export function bindTraffic(tables: Tables): Traffic {
  const clock = tables.column('traffic.clock');
  const buckets = tables.column('traffic.buckets');
  const slots = tables.column('traffic.slots');
  const series = tables.column('traffic.series');
  const last = tables.column('baseline.last');
  /** The series of failures before the window. */
  const before = new Float64Array(series.width);

  function turn(seconds: number): TrafficIncident | undefined {
    const { data } = clock;
    const id = Math.floor(seconds / L.WINDOW);
    if (id <= data[L.WINDOW_ID]) return undefined;
    if (data[L.WINDOW_ID] === 0) begin(seconds, id);
    let told: TrafficIncident | undefined;
    const silent = Math.min(MAX_SILENT, id - data[L.WINDOW_ID] - 1);
    while (data[L.WINDOW_ID] < id) {
      told = close(data[L.WINDOW_ID]) ?? told;
      data[L.WINDOW_ID] = Math.max(data[L.WINDOW_ID] + 1, id - silent);
    }
    return told;
  }

  function begin(seconds: number, id: number): void {
    clock.data[L.WINDOW_ID] = id;
    clock.data[L.HOUR_ID] = Math.floor(seconds / HOUR);
    clock.data[L.DAY_ID] = Math.floor(seconds / DAY);
    for (let slot = 0; slot < L.FLEET_SLOTS; slot++) open(slot, 1, 0);
  }

  function open(slot: number, kind: number, hash: number): void {
    slots.data[slot * L.SLOT_FIELDS + L.KIND] = kind;
    slots.data[slot * L.SLOT_FIELDS + L.HASH] = hash;
    slots.data[slot * L.SLOT_FIELDS + L.SINCE] = clock.data[L.WINDOW_ID] * L.WINDOW;
  }

  function end(slot: number): void {
    slots.data.fill(0, slot * L.SLOT_FIELDS, (slot + 1) * L.SLOT_FIELDS);
    series.data.fill(0, slot * series.width, (slot + 1) * series.width);
  }

  function observedIn(slot: number): number {
    const { data } = clock;
    const requests = slots.data[L.REQUESTS * L.SLOT_FIELDS + L.COUNT];
    if (slot === L.KEYS) return data[L.ACTIVE];
    if (slot !== L.FAILURES) return slots.data[slot * L.SLOT_FIELDS + L.COUNT];
    const share = (data[L.FAILED] + PRIOR_REQUESTS * data[L.USUAL_SHARE]) / (requests + PRIOR_REQUESTS);
    const weight = requests / (requests + 50_000);
    data[L.USUAL_SHARE] += requests === 0 ? 0 : weight * (data[L.FAILED] / requests - data[L.USUAL_SHARE]);
    return share;
  }

  /** Scores and learns the window that ends, and opens the next. */
  function close(id: number): TrafficIncident | undefined {
    const candidates: Candidate[] = [];
    const startsAt = id * L.WINDOW;
    for (let slot = 0; slot < L.MAX_SLOTS; slot++) {
      const at = slot * L.SLOT_FIELDS;
      if (slots.data[at + L.KIND] === 0) continue;
      const value = observedIn(slot);
      const state = L.seriesOf(series, slot);
      if (slot === L.FAILURES) before.set(series.data.subarray(slot * series.width, (slot + 1) * series.width));
      const odd = oddness(scoreSeries(state, startsAt * 1000, value));
      const reason = odd > 0 ? seriesReason(state) : undefined;
      const material = reason !== undefined && isMaterial(slot, reason, clock.data[L.FAILED]);
      if (slot === L.FAILURES) keepHealthy(material, startsAt);
      slots.data[at + L.DAY_MOST] = Math.max(odd, slots.data[at + L.DAY_MOST]);
      if (!material || slots.data[at + L.DAYS] < L.SETTLED_DAYS) continue;
      if (value > reason.expected && isOneKeys(slot)) continue;
      candidates.push({ slot, strength: Math.log(odd) - slots.data[at + L.USUAL], ...reason });
    }
    const chosen = chooseAll(clock, candidates, startsAt);
    const movements = chosen?.movements.map(movementOf) ?? [];
    for (let at = L.COUNT; at < slots.data.length; at += L.SLOT_FIELDS) slots.data.fill(0, at, at + 3);
    clock.data[L.FAILED] = 0;
    clock.data[L.ACTIVE] = 0;
    turnHour(startsAt + L.WINDOW);
    if (chosen === undefined) return undefined;
    return { from: startsAt * 1000, until: (startsAt + L.WINDOW) * 1000, surprise: chosen.surprise, movements };
  }

  /**
   * An outage is not learned as something that failures do: the next one like it is news again. What has lasted for six
   * hours is how things are.
   */
  function keepHealthy(ill: boolean, startsAt: number): void {
    const { data } = clock;
    if (!ill) data[L.ILL_SINCE] = 0;
    else {
      if (data[L.ILL_SINCE] === 0) data[L.ILL_SINCE] = startsAt;
      if (startsAt - data[L.ILL_SINCE] < ILL_AT_MOST) series.data.set(before, L.FAILURES * series.width);
    }
  }

  /** At least three quarters of the slot's requests came with one key: v votes of n mean a share of (n + v) / 2n or more. */
  function isOneKeys(slot: number): boolean {
    const at = slot * L.SLOT_FIELDS;
    return slot !== L.FAILURES && slot !== L.KEYS && slots.data[at + L.VOTES] >= slots.data[at + L.COUNT] / 2;
  }

  function movementOf({ slot, odd, expected, nearest }: Candidate): TrafficMovement {
    const at = slot * L.SLOT_FIELDS;
    const kind = slots.data[at + L.KIND];
    return {
      subject: kind === 1 ? 'fleet' : kind === 2 ? 'route' : 'tenant',
      name: kind === 1 ? '' : (tables.names.get(slots.data[at + L.HASH]) ?? ''),
      measure: slot === L.FAILURES ? 'failures' : slot === L.KEYS ? 'keys' : 'requests',
      saw: odd,
      expected,
      nearest,
      since: slots.data[at + L.SINCE] * 1000,
    };
  }

  function turnHour(seconds: number): void {
    const hour = Math.floor(seconds / HOUR);
    if (hour <= clock.data[L.HOUR_ID]) return;
    clock.data[L.HOUR_ID] = hour;
    for (let group = 0; group < L.GROUPS; group++) {
      const free = () => freeSlot(slots, group);
      assign(buckets, group, FEWEST_VOTES, free, (slot, hash) => open(slot, group + 2, hash), end);
    }
    const day = Math.floor(seconds / DAY);
    if (day <= clock.data[L.DAY_ID]) return;
    clock.data[L.DAY_ID] = day;
    halve(buckets);
    turnRing(clock, slots.data[L.REQUESTS * L.SLOT_FIELDS + L.DAYS] >= L.SETTLED_DAYS);
    for (let at = 0; at < slots.data.length; at += L.SLOT_FIELDS) turnDay(slots, at);
  }

  function countSlot(slot: number, row: number): void {
    const { data } = slots;
    const at = slot * L.SLOT_FIELDS;
    data[at + L.COUNT]++;
    if (data[at + L.KEY] === row + 1) data[at + L.VOTES]++;
    else if (data[at + L.VOTES] > 0) data[at + L.VOTES]--;
    else {
      data[at + L.KEY] = row + 1;
      data[at + L.VOTES] = 1;
    }
  }

  function countIn(group: number, value: number, row: number, { method, route, tenant }: UsageEvent): void {
    const slot = vote(buckets, group, value);
    if (slot >= 0) countSlot(slot, row);
    else if (votes(buckets, group, value) === FEWEST_VOTES)
      tables.names.remember(value, group === ROUTES ? `${method} ${route}` : tenant);
  }

  return {
    turn,
    tick: (seconds) => (clock.data[L.WINDOW_ID] === 0 ? undefined : turn(seconds - GRACE)),
    wantsTick: (seconds) =>
      clock.data[L.WINDOW_ID] > 0 && Math.floor((seconds - GRACE) / L.WINDOW) > clock.data[L.WINDOW_ID],
    count(row, o, known) {
      countSlot(L.REQUESTS, row);
      if (o.denied || o.event.status === 429 || o.event.status >= 500) clock.data[L.FAILED]++;
      if (known && part(last, row)[at(last, row)] < clock.data[L.WINDOW_ID] * L.WINDOW) clock.data[L.ACTIVE]++;
      countIn(ROUTES, o.route, row, o.event);
      if (o.event.tenant !== '') countIn(TENANTS, hashText(o.event.tenant, TENANT_SEED), row, o.event);
    },
  };
}

function freeSlot({ data }: Column, group: number): number {
  const first = L.FLEET_SLOTS;
  let free = -1;
  let used = 0;
  for (let slot = first; slot < L.MAX_SLOTS; slot++) {
    const kind = data[slot * L.SLOT_FIELDS + L.KIND];
    if (kind === group + 2) used++;
    else if (kind === 0 && free < 0) free = slot;
  }
  return used < L.SLOTS_A_GROUP ? free : -1;
}

function turnDay({ data }: Column, at: number): void {
  if (data[at + L.KIND] === 0) return;
  const days = Math.min(14, data[at + L.DAYS] + 1);
  data[at + L.USUAL] += (Math.log(Math.max(LEAST_ODD, data[at + L.DAY_MOST])) - data[at + L.USUAL]) / days;
  data[at + L.DAYS]++;
  data[at + L.DAY_MOST] = 0;
}
