import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDirectory, replaceFile, writeAll } from '../file/durable';
import { emptyRoutingState, type RoutingState, routingState } from './plan';

export interface RoutingStore {
  /** What was saved last; the empty state where there is nothing, or nothing that can be read. */
  load(): Promise<RoutingState>;
  /** On disk when it resolves. */
  save(state: RoutingState): Promise<void>;
}

/** One file for each output, named by a hash of the output's name. */
export function createRoutingStore(dir: string, output: string): RoutingStore {
  const path = join(dir, `${createHash('sha256').update(output).digest('hex').slice(0, 16)}.json`);
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch(() => '');
      try {
        return routingState.parse(JSON.parse(text));
      } catch {
        return emptyRoutingState;
      }
    },
    async save(state) {
      await ensureDirectory(dir);
      await replaceFile(path, (handle) => writeAll(handle, Buffer.from(`${JSON.stringify(state)}\n`), 0));
    },
  };
}
