import type { Readable } from 'node:stream';
import type { Source, SourceHandler } from '../../ports';
import { createLineSplitter, type Line } from './lines';

export interface StdinSourceOptions {
  readonly stream: Readable;
  /** A longer line is handed on cut to one byte more. Default 1,048,576. */
  readonly maxLineBytes?: number;
  /** Most records of a slice. Default 500. */
  readonly sliceRecords?: number;
}

/**
 * Lines of a stream as partition 0, until it ends or `stop`. Nothing is remembered and nothing can be read again: lines
 * that were in flight at a crash are lost. Offsets go on from the wanted place's `next`, so that a restored state takes
 * the lines of a new run as new ones; the cursor is ''.
 */
export function createStdinSource(options: StdinSourceOptions): Source {
  const { stream, maxLineBytes = 1_048_576, sliceRecords = 500 } = options;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function run(handler: SourceHandler): Promise<void> {
    let next = (await handler.assigned(0, undefined))?.next ?? 0;
    const splitter = createLineSplitter({ maxBytes: maxLineBytes });
    const handOn = async (lines: readonly Line[]) => {
      for (let i = 0; i < lines.length && !stopping.signal.aborted; i += sliceRecords) {
        const first = next;
        const part = lines.slice(i, i + sliceRecords);
        const records = part.map(({ line }, k) => ({ offset: first + k, value: line, timestamp: undefined }));
        await handler.slice({ partition: 0, records, cursor: '', start: '', lag: undefined });
        next += part.length;
      }
    };
    for await (const chunk of chunksUntil(stream, stopping.signal)) await handOn(splitter.push(chunk));
    const rest = splitter.rest();
    if (rest !== undefined) await handOn([rest]);
    await handler.revoked(0);
  }

  return {
    name: 'stdin',
    run(handler) {
      running ??= run(handler);
      return running;
    },
    async stop() {
      stopping.abort();
      await running?.catch(() => {});
    },
    problem: () => undefined,
  };
}

/** The chunks of a stream until the signal aborts, also while it waits for one. */
async function* chunksUntil(stream: Readable, signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
  const iterator = stream[Symbol.asyncIterator]();
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  while (!signal.aborted) {
    const result = await Promise.race([iterator.next(), aborted]);
    if (result === undefined || result.done) break;
    yield Buffer.isBuffer(result.value) ? result.value : Buffer.from(result.value);
  }
  if (signal.aborted) stream.destroy();
}
