import type { Command } from '../domain/command';
import type { KeyKind, UsageEvent } from '../domain/event';

/**
 * Records of the internal log: what Detect reads where events come in packs, many of one source partition for one
 * partition of the log. All numbers little endian. `varint`: unsigned LEB128 of at most 32 bits; `zigzag`: a signed
 * 32-bit number as varint.
 *
 *     record   0x4b, version, type, body
 *     pack     varint partitions of the log, u32 generation of the source, varint source partition, varint events; events
 *     event    u16 flags, offset, [varint index], ts, [timestamp], varint status, [bytes], [latency], 10 texts, request id,
 *              [what was found out of the address: varint lists, their names as texts]
 *     number   as the flags say: absent; zigzag of the difference to the same field of the event before; 8 bytes float64
 *     text     varint 0 and the text itself, which joins the pack's table; else its place there, from 1 (1 is '')
 *     a text   varint (length × 2 + wide), then ASCII, or where wide UTF-16LE: every string comes back as it was
 *     tick     float64: milliseconds since 1970 UTC
 *     command  JSON
 *
 * Version 1. A reader refuses versions that it does not know, as a fault: Detect is upgraded before Ingest.
 */
export const MAGIC = 0x4b;
export const VERSION = 1;
export const TYPE = { pack: 1, tick: 2, command: 3 } as const;

/** Events in a pack at most; the bytes of one, except where a single event needs more. */
export const MAX_PACK_EVENTS = 500;
export const MAX_PACK_BYTES = 262_144;
/** No record of the log is longer: the limit that brokers have by default. */
export const MAX_RECORD_BYTES = 1_048_576;
/** Source partitions are numbered below this. */
export const MAX_SOURCES = 65_536;

/** Two bits of the flags for each number: how it is written. */
export const FORM = { absent: 0, delta: 1, float: 2 } as const;
export const SHIFT = {
  kind: 0,
  offset: 2,
  ts: 4,
  timestamp: 6,
  bytes: 8,
  latency: 10,
  index: 12,
  address: 13,
  outside: 14,
} as const;

export const keyKinds: readonly KeyKind[] = ['credential', 'consumer', 'hash'];

/** Where the events of a pack come from. */
export interface PackOrigin {
  /** Changes when the source's offsets begin anew: another topic, or one that was created again. Unsigned, 32 bits. */
  readonly generation: number;
  readonly partition: number;
}

/** An event with its place in the source; `index` counts the events of one source record. */
export interface PackedEvent {
  readonly event: UsageEvent;
  readonly offset: number;
  readonly index: number;
  /** The broker's timestamp of the source record, milliseconds. */
  readonly timestamp: number | undefined;
}

export type LogRecord =
  | {
      readonly kind: 'pack';
      /** Partitions that the log had when the pack was written. */
      readonly partitions: number;
      readonly origin: PackOrigin;
      readonly events: readonly PackedEvent[];
    }
  | { readonly kind: 'tick'; readonly ts: number }
  | { readonly kind: 'command'; readonly command: Command };
