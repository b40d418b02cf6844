import { readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './durable';

/** A person puts this file into the state directory; its text says who. */
export const BREAKER_REQUEST = 'reset-breaker';
const MAX_NAME = 256;

/**
 * Looks whether a person asked for the circuit breaker to be closed; `done` is told who, before the file
 * is removed: a crash in between asks once more, which changes nothing.
 */
export async function takeBreakerRequest(dir: string, done: (by: string) => Promise<void>): Promise<void> {
  const path = join(dir, BREAKER_REQUEST);
  const taken = `${path}.taken`;
  try {
    await rename(path, taken);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  let text: string;
  try {
    text = await readFile(taken, 'utf8');
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  await done(text.trim().slice(0, MAX_NAME) || 'a person with access to the state directory');
  await unlink(taken);
}
