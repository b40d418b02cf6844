import { readHistory } from '../../adapters/file/history';
import { createGeoip } from '../../adapters/geoip';
import { type Config, configSchema } from '../../config';
import type { UsageEvent } from '../../domain/event';
import { createIngest, type Ingest } from '../../ingest/ingest';
import { type EvaluateOptions, OperatorError } from '../../options';
import { placing } from '../core';
import { configuredHasher, passingHasher } from '../hashing';

/** What a pass over a stream counted besides its events. */
export interface PassCounts {
  lines: number;
  noKey: number;
  rejected: number;
}

/** May take its time: the next events are read when it is done. */
export type Take = (events: readonly UsageEvent[], lines: readonly number[]) => void | Promise<void>;

/** Reads streams into events, as `run` and `replay` do: ingest, then geography. One hasher serves all passes. */
export interface Reader {
  /** Hands on the events a few hundred at a time, each with its line (from 0, blank lines not counted). */
  pass(files: readonly string[], take: Take, onProgress?: (share: number) => void): Promise<PassCounts>;
}

export function createReader(options: Pick<EvaluateOptions, 'format' | 'stop'>, config: Config): Reader {
  const hashKey = configuredHasher(config.ingest) ?? passingHasher().hash;
  const place = placing(createGeoip());
  const { mapping, keyIs, keyField, trustedProxies, maxRecordBytes } = config.ingest;
  const ingestOf = (): Ingest =>
    createIngest({ format: options.format, mapping, keyIs, keyField, hashKey, trustedProxies, maxRecordBytes });
  return {
    async pass(files, take, onProgress) {
      const counts: PassCounts = { lines: 0, noKey: 0, rejected: 0 };
      const ingest = ingestOf();
      const peek = ingestOf();
      const timeOf = (line: Buffer) => {
        const first = peek.ingest(line)[0];
        return first?.kind === 'event' ? first.event.ts : undefined;
      };
      try {
        const slices = readHistory(files, { timeOf, maxLineBytes: maxRecordBytes, stdin: process.stdin });
        for await (const slice of slices) {
          options.stop.throwIfAborted();
          const events: UsageEvent[] = [];
          const lines: number[] = [];
          for (const line of slice.lines) {
            const number = counts.lines++;
            for (const result of ingest.ingest(line)) {
              if (result.kind === 'event') {
                events.push(place(result.event));
                lines.push(number);
              } else if (result.kind === 'no-key') counts.noKey++;
              else counts.rejected++;
            }
          }
          await take(events, lines);
          if (slice.bytesTotal !== undefined) onProgress?.(slice.bytesRead / slice.bytesTotal);
        }
      } catch (error) {
        if (typeof (error as NodeJS.ErrnoException | undefined)?.code === 'string') {
          throw new OperatorError((error as Error).message);
        }
        throw error;
      }
      return counts;
    },
  };
}

/** The configuration of the command, or the defaults. */
export const configOf = (options: Pick<EvaluateOptions, 'config'>): Config =>
  options.config ?? configSchema.parse({ source: { kind: 'stdin' } });
