/** Why a record could not become a usage event. Codes are stable: they label metrics and dead letters. */
export const rejectReasons = [
  'not-json',
  'not-object',
  'too-large',
  'too-deep',
  'missing-field',
  'wrong-type',
  'bad-time',
  'time-impossible',
  'bad-address',
  'key-too-long',
  'bad-text',
  'unparsable-line',
  'unsupported-encoding',
] as const;
export type RejectReason = (typeof rejectReasons)[number];

/** A record's rejection. `detail` names the field and what was expected, never a value of the record. */
export interface Rejection {
  readonly reason: RejectReason;
  readonly detail: string;
}

/** Where a record stands in its log. `index` counts events within one record (a batch of several requests). */
export interface Position {
  readonly partition: number;
  readonly offset: number;
  readonly index: number;
}

/** A rejected record on its way to the dead letters: reason and place, and nothing of its content. */
export interface DeadLetter extends Rejection {
  readonly source: string;
  readonly position: Position;
  readonly format: string;
  /** Length of the record in bytes. */
  readonly bytes: number;
}
