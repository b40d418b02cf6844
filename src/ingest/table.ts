import type { Decoder, KeyCandidate } from './decoder';
import type { HeaderPlaces } from './headers';
import type { FieldPath } from './path';
import type { DurationUnit, TimeUnit } from './units';

type Fields = Readonly<Record<string, unknown>>;
type Paths = readonly FieldPath[];

/** One place of the key identity; the first that holds a text counts. `hash`: what stands there is a raw key. */
export interface KeyField extends Omit<KeyCandidate, 'text'> {
  readonly at: FieldPath;
  /** Counts only where this field is not empty: what the gateway writes for a known consumer, a client can write too. */
  readonly needs?: FieldPath;
}

/** Texts of an event by the places of the log that hold them, the surest first; the first that is not empty counts. */
export interface FieldTable {
  readonly time: readonly { readonly at: FieldPath; readonly unit: TimeUnit }[];
  readonly keys: readonly KeyField[];
  readonly keyName?: Paths;
  readonly tenant?: Paths;
  /** The connecting address, with or without a port. */
  readonly peer?: Paths;
  /** `peer` may hold a host's name or another text: then the address is unknown, not the record broken. */
  readonly peerMayBeName?: boolean;
  readonly forwardedFor?: Paths;
  readonly method?: Paths;
  /** A path or URL, with or without a query. */
  readonly uri?: Paths;
  readonly route?: Paths;
  readonly status?: Paths;
  readonly userAgent?: Paths;
  /** Bytes sent to the client. */
  readonly bytes?: Paths;
  readonly latency?: readonly { readonly at: FieldPath; readonly unit: DurationUnit }[];
  readonly requestId?: Paths;
  readonly country?: Paths;
  readonly outcome?: Paths;
  readonly headers?: HeaderPlaces;
  /** Parsed query parameters, a map of name to value or values. */
  readonly parameters?: Paths;
  /** URLs, or queries after a `?`, in which secrets are looked for beside `uri`. */
  readonly urls?: Paths;
  /** Queries without `?`. */
  readonly queries?: Paths;
  /** `Authorization` values. */
  readonly authorization?: Paths;
  /** Other places of secrets, which are no keys. */
  readonly secrets?: Paths;
  /** Texts for what no place of the record holds. */
  readonly constants?: Readonly<{ [field in ConstantField]?: string | undefined }>;
}

export const constantFields = ['keyName', 'tenant', 'method', 'route', 'userAgent', 'country', 'outcome'] as const;
export type ConstantField = (typeof constantFields)[number];

export interface TableFormat extends Pick<Decoder, 'recognise' | 'unwrap'> {
  readonly table: FieldTable;
  /** What the table is applied to, where that is not the record itself. */
  readonly view?: (record: Fields) => Fields;
}

/** Fields of which any names an id of the key, a raw key, or a consumer, in the order of trust. */
export const keys = (
  kind: KeyField['kind'],
  places: Paths,
  options: { readonly ambiguous?: boolean; readonly needs?: FieldPath } = {},
): readonly KeyField[] => places.map((at) => ({ at, kind, ambiguous: false, ...options }));
