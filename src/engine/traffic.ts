import { tellTraffic } from '../decide/traffic-notice';
import type { Tables } from '../detect/detector';
import { bindTraffic } from '../detect/traffic';
import type { AlertDocument } from '../domain/alert';
import type { Observation } from '../domain/observation';

/** The fleet's traffic and the notices about it, as the engine uses them. */
export interface TrafficWatch {
  /** Before an event is judged: closes the windows that ended, then counts it. */
  take(row: number, o: Observation, known: boolean, alerts: AlertDocument[]): void;
  /** Time has passed, milliseconds. */
  tick(now: number, alerts: AlertDocument[]): void;
  wantsTick(now: number): boolean;
}

export function bindTrafficWatch(
  tables: Tables,
  settings: { readonly partition: number; readonly mode: 'dry-run' | 'enforce' },
): TrafficWatch {
  const traffic = bindTraffic(tables);
  const tell = (incident: ReturnType<typeof traffic.turn>, alerts: AlertDocument[]) => {
    if (incident !== undefined) alerts.push(tellTraffic(incident, settings.partition, settings.mode));
  };
  return {
    take(row, o, known, alerts) {
      tell(traffic.turn(o.seconds), alerts);
      traffic.count(row, o, known);
    },
    tick: (now, alerts) => tell(traffic.tick(Math.floor(now / 1000)), alerts),
    wantsTick: (now) => traffic.wantsTick(Math.floor(now / 1000)),
  };
}
