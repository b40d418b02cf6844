import type { UsageEvent } from '../domain/event';
import type { Observation } from '../domain/observation';
import { combine, hashText, mix } from '../stats/hash';
import { parseClient } from './client';
import { parseNetwork } from './network';

const MEMO = 8_192;
const noLists: Observation['lists'] = [];

/** Bounded memo of a pure function: cleared when full. Forgetting changes speed, never results. */
function memo<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      if (known.size >= MEMO) known.clear();
      value = compute(text);
      known.set(text, value);
    }
    return value;
  };
}

/** The same for two texts, of which the first has few values: joining them would cost more than both look-ups. */
function pairMemo(compute: (a: string, b: string) => number): (a: string, b: string) => number {
  const known = new Map<string, Map<string, number>>();
  let held = 0;
  return (a, b) => {
    const hit = known.get(a)?.get(b);
    if (hit !== undefined) return hit;
    if (held >= MEMO) {
      known.clear();
      held = 0;
    }
    const value = compute(a, b);
    const ofFirst = known.get(a);
    if (ofFirst === undefined) known.set(a, new Map([[b, value]]));
    else ofFirst.set(b, value);
    held++;
    return value;
  };
}

export type Observer = (event: UsageEvent, ts: number, ownerLow: number, ownerHigh: number) => Observation;

/** Turns events into observations. `ts` is the event's time as judged plausible, milliseconds. */
export function createObserver(): Observer {
  const networkOf = memo(parseNetwork);
  const clientOf = memo(parseClient);
  const hashOf = memo((text) => hashText(text));
  const routeOf = pairMemo((method, route) => hashText(`${method} ${route}`));
  const o = {} as Observation;
  return (event, ts, ownerLow, ownerHigh) => {
    const seconds = Math.floor(ts / 1000);
    const day = Math.floor(seconds / 86_400);
    const network = networkOf(event.ip);
    const client = clientOf(event.userAgent);
    o.event = event;
    o.seconds = seconds;
    o.day = day;
    o.hourOfDay = Math.floor((seconds - day * 86_400) / 3_600);
    o.weekday = (day + 4) % 7;
    o.network = network;
    o.client = client;
    o.actor = combine(network.near, client.family) || 1;
    o.country = event.country === '' ? 0 : mix(hashOf(event.country));
    o.route = routeOf(event.method, event.route);
    o.denied = event.status === 401 || event.status === 403;
    o.failed = event.status >= 400;
    o.ownerLow = ownerLow;
    o.ownerHigh = ownerHigh;
    o.networkGrade = 0;
    o.clientGrade = 0;
    o.routeGrade = 0;
    o.amongPeers = false;
    o.confidence = 0;
    o.declared = undefined;
    o.lists = noLists;
    o.expected = false;
    return o;
  };
}
