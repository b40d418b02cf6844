import { HOUR, type ScoredAlert } from './types';

/** A time in which something happened to the whole fleet, or to one key where `key` says which. */
export interface FleetWindow {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  readonly key?: string | undefined;
}

export interface WindowExcess {
  readonly window: FleetWindow;
  /** Keys alerted in the window that are not alerted in the same window without the incident. */
  readonly added: readonly string[];
  /** Keys alerted in the window with and without the incident. */
  readonly shared: number;
}

/**
 * What incidents add: keys alerted in each window and `graceMs` after it, less those alerted in the same window of the
 * same traffic without the incidents.
 */
export function fleetExcess(
  alerts: readonly ScoredAlert[],
  plain: readonly ScoredAlert[],
  windows: readonly FleetWindow[],
  graceMs: number = HOUR / 2,
): WindowExcess[] {
  return windows.map((window) => {
    const without = alerted(plain, window, graceMs);
    const keys = [...alerted(alerts, window, graceMs)];
    const added = keys.filter((key) => !without.has(key)).sort();
    return { window, added, shared: keys.length - added.length };
  });
}

function alerted(alerts: readonly ScoredAlert[], window: FleetWindow, graceMs: number): Set<string> {
  const keys = new Set<string>();
  for (const { key, ts } of alerts) {
    if (window.key !== undefined && window.key !== key) continue;
    if (ts >= window.start && ts <= window.end + graceMs) keys.add(key);
  }
  return keys;
}
