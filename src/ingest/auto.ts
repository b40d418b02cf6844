import type { Decoder } from './decoder';
import { decoders } from './decoders';
import type { LogFormat } from './formats';

/** Requests of one record that are asked; a list whose first are all of no known kind is of none. */
const FIRST = 16;

export interface Recognised {
  readonly format: LogFormat;
  readonly decoder: Decoder;
  /** By which marks, for people. */
  readonly why: string;
}

/** The first format, in the order of the registry, that knows the record as its own. */
export function recognise(record: unknown, input: Decoder['input']): Recognised | undefined {
  for (const format of Object.keys(decoders) as LogFormat[]) {
    const decoder = decoders[format];
    if (decoder.input !== input) continue;
    for (const part of (decoder.unwrap?.(record) ?? [record]).slice(0, FIRST)) {
      const why = decoder.recognise(part);
      if (why !== undefined) return { format, decoder, why };
    }
  }
  return undefined;
}
