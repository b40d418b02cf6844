/** Many keys refused from one network within an hour: it accuses the network and no key. Times in milliseconds since 1970 UTC. */
export interface Guessing {
  /** For people, for example `203.0.113.0/24`. */
  readonly network: string;
  /** The latest address of it. */
  readonly ip: string;
  readonly country: string;
  /** About how many different keys. */
  readonly keys: number;
  readonly from: number;
  readonly until: number;
}
