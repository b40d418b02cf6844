/** What one client asked of a key since an action stopped it, refused or not. */
export interface ClientUse {
  /** Near network and client family together, as an observation has it. */
  readonly actor: number;
  /** For people: the near network, or what stands for it. '' where the address is unknown. */
  readonly network: string;
  /** For people. */
  readonly client: string;
  readonly requests: number;
  /** Event time of the latest, milliseconds. */
  readonly last: number;
}

/** Who still uses a key that was suspended or revoked. Part of the checkpoint. */
export interface KeyUses {
  readonly key: string;
  readonly requestId: string;
  /** '' where the action belongs to no incident. */
  readonly incidentId: string;
  /** When the receiver acknowledged it, wall clock, milliseconds. */
  readonly since: number;
  /** When it ended, likewise; 0 while it holds. */
  readonly ended: number;
  /** Event time of the first request counted, milliseconds; 0 before. */
  readonly first: number;
  /** Whether the incident has said so since. */
  readonly told: boolean;
  readonly clients: readonly ClientUse[];
}
