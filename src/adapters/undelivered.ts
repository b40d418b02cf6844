import { readFile, rename, stat } from 'node:fs/promises';
import type { AlertDocument } from '../domain/alert';
import type { Clock, Telemetry } from '../ports';
import { isMissing, replaceFile, writeAll } from './file/durable';
import { createNdjsonFile } from './file/ndjson-file';

/** Takes a document that a receiver will never accept; `sink` is the output's name. Resolves when it is set aside. */
export type RejectDocument = (sink: string, document: AlertDocument, reason: string) => Promise<void>;

export interface UndeliveredOptions {
  /** NDJSON, one `{ time, sink, reason, document }` a line. */
  readonly path: string;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Told of every document set aside, for the log. */
  readonly onReject?: (sink: string, id: string, reason: string) => void;
  /** At this size the file is renamed to `<path>.1`, in place of an older one. Default 32 MiB. */
  readonly maxBytes?: number;
}

/** The place for alerts that one output can never take, shared by all outputs: nothing is dropped without a trace. */
export interface Undelivered {
  /**
   * Resolves when the document is on disk; it is counted as `failed`. Rejects when the disk refuses: the caller must
   * then treat the document as not delivered. After a crash the same document may be set aside again.
   */
  readonly reject: RejectDocument;
  /** Removes the documents that are `of` something. */
  forget(of: (document: AlertDocument) => boolean): Promise<void>;
  close(): Promise<void>;
}

const REASON_LENGTH = 500;

/** Nothing is opened before the first document. At most two files of `maxBytes` and one document each are kept. */
export function createUndelivered(options: UndeliveredOptions): Undelivered {
  const { path, clock, telemetry, onReject, maxBytes = 32 * 1024 * 1024 } = options;
  const file = createNdjsonFile(path);
  let last: Promise<void> = Promise.resolve();

  async function makeRoom(): Promise<void> {
    try {
      if ((await stat(path)).size >= maxBytes) await rename(path, `${path}.1`);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async function without(name: string, of: (document: AlertDocument) => boolean): Promise<void> {
    const text = await readFile(name, 'utf8').catch((error) => {
      if (isMissing(error)) return '';
      throw error;
    });
    const lines = text.split('\n').filter((line) => line !== '');
    const left = lines.filter((line) => !of((JSON.parse(line) as { document: AlertDocument }).document));
    if (left.length === lines.length) return;
    await replaceFile(name, (handle) => writeAll(handle, Buffer.from(left.map((line) => `${line}\n`).join('')), 0));
  }

  return {
    forget(of) {
      const done = last.then(async () => {
        await without(path, of);
        await without(`${path}.1`, of);
      });
      last = done.catch(() => {});
      return done;
    },
    reject(sink, document, reason) {
      const short = reason.slice(0, REASON_LENGTH);
      const done = last.then(async () => {
        await makeRoom();
        await file.write([{ time: new Date(clock.now()).toISOString(), sink, reason: short, document }]);
        telemetry.delivery(sink, 'failed', 1);
        onReject?.(sink, document.event.id, short);
      });
      last = done.catch(() => {});
      return done;
    },
    async close() {
      await last;
      await file.close();
    },
  };
}
