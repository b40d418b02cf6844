import type { KeyKind } from '../domain/event';
import type { Rejection, RejectReason } from '../domain/rejection';
import type { ClientAddress } from './client-address';

/** The key identity that a record offers, before it is decided whether the text may be kept. */
export interface KeyCandidate {
  readonly text: string;
  /** `hash`: the text is a raw key by its place in the log (a header, a query parameter); hashed unless `ambiguous` too. */
  readonly kind: KeyKind;
  /** True where only the configuration (`ingest.keyIs`) can tell whether the field holds an id or the raw key. */
  readonly ambiguous: boolean;
}

/**
 * What a decoder found in one record, in the log's own words: texts neither cleaned nor redacted, units already
 * converted. It never leaves `ingest`: `assemble` makes the usage event, and every redaction, from it.
 */
export interface Draft {
  /** Milliseconds since 1970 UTC; NaN when the log's time could not be read. */
  readonly ts: number;
  readonly key: KeyCandidate;
  readonly keyName: string;
  readonly tenant: string;
  /** Canonical text, '' when unknown. */
  readonly ip: string;
  readonly method: string;
  /** As logged: may carry a query, a fragment, or scheme and host. */
  readonly path: string;
  /** The gateway's own route name; '' asks for templating of the path. */
  readonly route: string;
  readonly status: number;
  readonly userAgent: string;
  readonly bytes: number | undefined;
  readonly latencyMs: number | undefined;
  readonly requestId: string;
  readonly country: string;
  readonly outcome: string;
  /** Raw secrets met in their known places; they are removed wherever else they occur. */
  readonly secrets: readonly string[];
}

/** The request was made without any key: counted, not an error. */
export interface NoKey {
  readonly noKey: true;
}

export const noKey: NoKey = { noKey: true };

export type Decoded = Draft | NoKey | Rejection;

export interface DecodeContext {
  /** Name of the field, header or position that holds the key; '' when the format's usual places are searched. */
  readonly keyField: string;
  readonly clientAddress: ClientAddress;
}

/** Reads one log format. Pure, and never throws on any value. */
export interface Decoder {
  /** `json`: `decode` gets one parsed value; `line`: one line of text. */
  readonly input: 'json' | 'line';
  /** Says by which marks the record is known to be of this format, for people; undefined when it is not. */
  recognise(record: unknown): string | undefined;
  /**
   * The requests inside one parsed value, for formats that wrap them (an object holding a list of records).
   * Undefined: the value is the record. A JSON array at the top is unwrapped for every format.
   */
  unwrap?(value: unknown): readonly unknown[] | undefined;
  decode(record: unknown, context: DecodeContext): Decoded;
}

export const reject = (reason: RejectReason, detail: string): Rejection => ({ reason, detail });

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
