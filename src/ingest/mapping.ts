import type { ConstantField } from './table';
import type { DurationUnit, TimeUnit } from './units';

/** What the key field of a mapped record holds; `auto`: an id, unless it looks like a secret (`ingest.keyIs`). */
export const keyTypes = ['auto', 'id', 'consumer', 'secret'] as const;
export type KeyType = (typeof keyTypes)[number];

/** Where the fields of a JSON log are that no decoder knows. Texts are paths (path.ts), but for units and constants. */
export interface Mapping {
  /** A list of requests inside one record; undefined: the record is one request. */
  readonly records?: string | undefined;
  readonly time: string;
  readonly timeUnit: TimeUnit;
  readonly key: string;
  readonly keyType: KeyType;
  readonly keyName?: string | undefined;
  readonly tenant?: string | undefined;
  readonly ip?: string | undefined;
  readonly forwardedFor?: string | undefined;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly route?: string | undefined;
  readonly status?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly bytes?: string | undefined;
  readonly latency?: string | undefined;
  readonly latencyUnit: DurationUnit;
  readonly requestId?: string | undefined;
  readonly country?: string | undefined;
  readonly outcome?: string | undefined;
  /** A map of request headers. */
  readonly headers?: string | undefined;
  /** Places of raw secrets beside the key. */
  readonly secrets: readonly string[];
  /** Texts for what a record does not hold. */
  readonly constants: Readonly<{ [field in ConstantField]?: string | undefined }>;
}
