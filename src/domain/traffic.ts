/** Traffic of everybody together that is unlike its past; it accuses no key. */
export interface TrafficMovement {
  readonly subject: 'fleet' | 'route' | 'tenant';
  /** The route or tenant; '' for the fleet, and where the name was not kept. */
  readonly name: string;
  /** Requests and active keys are numbers a window, `failures` the share with 401, 403, 429 or 5xx, 0–1. */
  readonly measure: 'requests' | 'failures' | 'keys';
  readonly saw: number;
  /** The mean of this hour of the week, before. */
  readonly expected: number;
  /** The nearest value that the series had shown before. */
  readonly nearest: number;
  /** Start of the past that was compared with, milliseconds. */
  readonly since: number;
}

/** What moved in one window, strongest first. Never empty. */
export interface TrafficIncident {
  /** The window, milliseconds since 1970 UTC. */
  readonly from: number;
  readonly until: number;
  /** −log10 of the chance that the strongest movement of a benign day of this partition is as strong. */
  readonly surprise: number;
  readonly movements: readonly TrafficMovement[];
}
