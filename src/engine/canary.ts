import type { IncidentBook } from '../decide/book';
import type { AlertDocument } from '../domain/alert';
import type { Canary } from '../domain/command';
import type { UsageEvent } from '../domain/event';
import { columnOf, ownerHashes, type State } from '../state';
import { at, type ColumnSpec, part } from '../stats/columns';
import { tellCanary } from './canary-notice';
import type { Effects } from './types';

/** Hash of the key; event times (milliseconds): first, last, last theft; whether that one was missed. */
export const canaryColumns: readonly ColumnSpec[] = [
  { name: 'engine.canary', type: 'f64', width: 5, version: 1, scope: 'partition' },
];
const field = { key: 0, since: 1, until: 2, theftAt: 3, missed: 4 } as const;

/** Time between two requests of the canary's own. */
export const CANARY_STEP_MS = 600_000;
const THEFT_REQUESTS = 40;
const THEFT_STEP_MS = 5_000;

export interface CanaryView {
  /** Event time up to which it has been played; 0 before the first time. */
  readonly until: number;
  /** Its last theft, or the start of its past. */
  readonly theftAt: number;
  readonly missed: boolean;
}

export interface CanaryParts {
  readonly state: State;
  readonly book: Pick<IncidentBook, 'forget' | 'knows'>;
  readonly settings: { readonly partition: number; readonly mode: 'dry-run' | 'enforce'; readonly maturityMs: number };
  /** Judges an event; one that is `planted` teaches nothing. */
  take(event: UsageEvent, ts: number, effects: Effects, planted: boolean): void;
}

export interface CanaryPlay {
  view(key: string): CanaryView;
  /** Plays a command: the same in every replay; one that lies before what was played does nothing. */
  play(command: Canary, effects: Effects): void;
}

/**
 * The canary: a made-up key whose requests are judged like any other's. What is alerted of it is caught here, so that it
 * reaches nobody as a customer's, and no request to act leaves. A theft is judged and forgotten: it teaches no detector,
 * does not count in the calibration, and leaves no incident, so that the next one is as new as this one.
 */
export function bindCanary({ state, book, settings, take }: CanaryParts): CanaryPlay {
  const own = columnOf(state, 'engine.canary').data;
  const most = columnOf(state, 'calibration.most');

  const isOf = (key: string) => own[field.key] === ownerHashes(key).low;

  function begin(key: string, ts: number): void {
    own.fill(0);
    own[field.key] = ownerHashes(key).low;
    own[field.since] = ts;
    own[field.theftAt] = ts;
  }

  /** What the events alert and ask for; nothing of it is left behind. */
  function judge(key: string, events: readonly UsageEvent[], planted: boolean, effects: Effects): AlertDocument[] {
    const caught: Effects = { ...effects, alerts: [], requests: [], differences: [] };
    book.forget(key);
    const row = state.keys.find(key);
    const before = row < 0 ? 0 : part(most, row)[at(most, row)];
    for (const event of events) take(event, event.ts, caught, planted);
    if (planted && row >= 0) part(most, row)[at(most, row)] = before;
    book.forget(key);
    return caught.alerts.filter(({ user }) => user?.id === key);
  }

  return {
    view: (key) =>
      isOf(key)
        ? { until: own[field.until], theftAt: own[field.theftAt], missed: own[field.missed] === 1 }
        : { until: 0, theftAt: 0, missed: false },
    play(command, effects) {
      const { key, partition, to, theft } = command;
      if (partition !== settings.partition) return;
      if (!isOf(key)) begin(key, to);
      if (to <= own[field.until]) return;
      const from = Math.max(own[field.until], to - CANARY_STEP_MS);
      const usual = judge(key, usualEvents(key, from, to), false, effects);
      const found = theft ? judge(key, theftEvents(key, to), true, effects) : [];
      own[field.until] = to;
      if (command.tell) effects.alerts.push(...[...usual, ...found].map(marked));
      if (!theft) return;
      const isCaught = found.some(({ event }) => event.kind === 'alert');
      const settled = to - own[field.since] >= settings.maturityMs;
      own[field.theftAt] = to;
      own[field.missed] = !isCaught && settled ? 1 : 0;
      const result = isCaught ? 'caught' : settled ? 'missed' : 'unsettled';
      effects.alerts.push(tellCanary(result, key, to, settings.partition, settings.mode));
    },
  };
}

/** An alert about the canary for those who search: no key of a customer, nothing to be woken by. */
function marked(document: AlertDocument): AlertDocument {
  const { user: _, related: __, organization: ___, ...rest } = document;
  return {
    ...rest,
    message: `Canary: ${document.message}`,
    event: { ...document.event, kind: 'event', severity: 21 },
    keywatch: { ...document.keywatch, action: 'observe', canary: true },
  };
}

/** On a grid in time: where one command ends and the next begins makes no difference. */
function usualEvents(key: string, from: number, to: number): readonly UsageEvent[] {
  const events: UsageEvent[] = [];
  for (let ts = Math.floor(from / CANARY_STEP_MS + 1) * CANARY_STEP_MS; ts <= to; ts += CANARY_STEP_MS) {
    events.push(
      eventOf(key, ts, { ip: '192.0.2.10', country: 'IS', userAgent: 'keywatch-canary/1.0', route: '/canary/status' }),
    );
  }
  return events;
}

/** From another network, country and client, to another route. Addresses are of RFC 5737: nobody has them. */
function theftEvents(key: string, to: number): readonly UsageEvent[] {
  return Array.from({ length: THEFT_REQUESTS }, (_, i) =>
    eventOf(key, to - (THEFT_REQUESTS - 1 - i) * THEFT_STEP_MS, {
      ip: '203.0.113.77',
      country: 'NZ',
      userAgent: 'python-requests/2.32',
      route: '/canary/export',
    }),
  );
}

function eventOf(
  key: string,
  ts: number,
  { ip, country, userAgent, route }: Pick<UsageEvent, 'ip' | 'country' | 'userAgent' | 'route'>,
): UsageEvent {
  return {
    ts,
    key,
    keyKind: 'credential',
    keyName: 'keywatch canary',
    tenant: '',
    ip,
    method: 'GET',
    path: route,
    route,
    status: 200,
    userAgent,
    bytes: 512,
    latencyMs: undefined,
    requestId: '',
    country,
    outcome: '',
  };
}
