import type { UsageEvent } from '../domain/event';
import type { Rejection } from '../domain/rejection';
import { createAssembler } from './assemble';
import { recognise } from './auto';
import { createClientAddress } from './client-address';
import { type Decoder, reject } from './decoder';
import { decoders } from './decoders';
import { mappingDecoder } from './decoders/mapping';
import type { Format } from './formats';
import type { Mapping } from './mapping';
import { linesOf, MAX_DEPTH, MAX_EVENTS, notJson, textOfBytes, tooDeep, valuesOf } from './records';

export interface IngestOptions {
  readonly format: Format;
  /** Where the fields are, for the format `mapping`. */
  readonly mapping?: Mapping | undefined;
  /** Whether the key field holds an id or the raw key; `auto`: an id, unless it has the shape of a secret. */
  readonly keyIs: 'auto' | 'id' | 'secret';
  readonly keyField?: string | undefined;
  /** Keyed hash of a raw key (see pepper.ts). Without it a record that needs one is rejected, naming the setting. */
  readonly hashKey?: ((raw: string) => string) | undefined;
  readonly trustedProxies: readonly string[];
  readonly maxRecordBytes: number;
  /** Told once, when `auto` has found its format. */
  readonly onRecognised?: ((format: Format, reason: string) => void) | undefined;
}

/** What became of one request of a record; `index` counts the requests of the record from 0. */
export type IngestResult =
  | { readonly kind: 'event'; readonly event: UsageEvent; readonly index: number }
  | { readonly kind: 'no-key'; readonly index: number }
  | { readonly kind: 'rejected'; readonly rejection: Rejection; readonly index: number };

export interface Ingest {
  /** Results in the order of the requests; none for a blank record. Never throws. */
  ingest(value: Buffer): readonly IngestResult[];
  /** The format in use; `auto` until it has been recognised. */
  format(): Format;
  /** How the format in use is known, for people. */
  formatReason(): string;
}

function decoderOf({ format, mapping }: IngestOptions): Decoder | undefined {
  if (format === 'auto') return undefined;
  return format === 'mapping' ? mappingDecoder(mapping) : decoders[format];
}

const notJsonRejection = reject('not-json', 'expected JSON');
const tooDeepRejection = reject('too-deep', `expected at most ${MAX_DEPTH} levels of nesting`);
const tooManyRejection = reject('too-large', `expected at most ${MAX_EVENTS} requests in one record`);
const unknownFormat = reject(
  'missing-field',
  'no known format: set ingest.format, or check what the topic or file holds',
);

/**
 * Bytes of a log record to usage events, in this order: size, encoding, JSON, depth, arrays and lines, decoding,
 * redaction. What a record causes depends on the record alone, except that `auto` stays with the first format that it
 * recognises; a rejection's text never holds a value of the record.
 *
 * Throws, once and here, when `trustedProxies` holds something that is no address or CIDR.
 */
export function createIngest(options: IngestOptions): Ingest {
  const context = {
    keyField: options.keyField ?? '',
    clientAddress: createClientAddress(options.trustedProxies),
  };
  const assemble = createAssembler({ keyIs: options.keyIs, hashKey: options.hashKey });
  let format = options.format;
  let decoder = decoderOf(options);
  let reason = format === 'auto' ? 'no record has been recognised yet' : 'set by ingest.format';

  function settle(record: unknown, input: Decoder['input']): Decoder | undefined {
    const found = recognise(record, input);
    if (found === undefined) return undefined;
    format = found.format;
    decoder = found.decoder;
    reason = `recognised by ${found.why}`;
    options.onRecognised?.(format, reason);
    return decoder;
  }

  const rejected = (rejection: Rejection, index: number): IngestResult => ({ kind: 'rejected', rejection, index });

  function decodeOne(using: Decoder, record: unknown, index: number): IngestResult {
    const decoded = using.decode(record, context);
    if ('noKey' in decoded) return { kind: 'no-key', index };
    if ('reason' in decoded) return rejected(decoded, index);
    const event = assemble(decoded);
    return 'reason' in event ? rejected(event, index) : { kind: 'event', event, index };
  }

  /** Adds the results of one parsed value, which for some formats holds several requests. */
  function decodeValue(record: unknown, results: IngestResult[]): void {
    if (record === notJson) {
      results.push(rejected(notJsonRejection, results.length));
      return;
    }
    if (tooDeep(record)) {
      results.push(rejected(tooDeepRejection, results.length));
      return;
    }
    const using = decoder ?? settle(record, 'json');
    if (using === undefined) {
      results.push(rejected(unknownFormat, results.length));
      return;
    }
    const parts = using.unwrap?.(record);
    if (parts === undefined) results.push(decodeOne(using, record, results.length));
    else for (const part of parts.slice(0, MAX_EVENTS + 1)) results.push(decodeOne(using, part, results.length));
  }

  function decodeLines(text: string, results: IngestResult[]): void {
    for (const line of linesOf(text)) {
      if (results.length > MAX_EVENTS) break;
      const using = decoder ?? settle(line, 'line');
      results.push(
        using === undefined ? rejected(unknownFormat, results.length) : decodeOne(using, line, results.length),
      );
    }
  }

  return {
    ingest(value) {
      const text = textOfBytes(value, options.maxRecordBytes);
      if (typeof text !== 'string') return [rejected(text, 0)];
      const results: IngestResult[] = [];
      const first = text.trimStart().charCodeAt(0);
      const json = first === 123 || first === 91;
      if (Number.isNaN(first)) return results;
      if (decoder?.input === 'line' || (decoder === undefined && !json)) decodeLines(text, results);
      else
        for (const record of valuesOf(text)) {
          if (results.length > MAX_EVENTS) break;
          decodeValue(record, results);
        }
      if (results.length <= MAX_EVENTS) return results;
      return [...results.slice(0, MAX_EVENTS), rejected(tooManyRejection, MAX_EVENTS)];
    },
    format: () => format,
    formatReason: () => reason,
  };
}
