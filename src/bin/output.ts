import type { Writable } from 'node:stream';
import { OperatorError } from '../options';

const CHUNK = 65_536;

/**
 * Writes lines as fast as the reader takes them, in chunks, and no faster. Between chunks it lets signals in; after
 * `stop` it leaves the rest. Rejects when the stream fails.
 */
export const writeLines = async (out: Writable, lines: Iterable<string>, stop: AbortSignal): Promise<void> => {
  let chunk = '';
  for (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < CHUNK) continue;
    await write(out, chunk);
    chunk = '';
    await new Promise((resolve) => setImmediate(resolve));
    if (stop.aborted) return;
  }
  if (chunk !== '') await write(out, chunk);
};

const write = (out: Writable, chunk: string): Promise<void> =>
  new Promise((resolve, reject) => {
    out.write(chunk, (error) => (error ? reject(error) : resolve()));
  });

/** An error for the person at the terminal: one line for what they can put right, the stack for a fault of ours. */
export const errorText = (error: unknown): string => {
  if (!(error instanceof Error)) return `keywatch: ${String(error)}\n`;
  const theirs = error instanceof OperatorError || typeof (error as NodeJS.ErrnoException).code === 'string';
  return `keywatch: ${theirs ? error.message : (error.stack ?? error.message)}\n`;
};
