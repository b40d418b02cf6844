import type { DeadLetterSink } from '../../ports';
import { createNdjsonFile } from './ndjson-file';

/** Dead letters to an NDJSON file; see ndjson-file.ts for what is guaranteed. */
export function createDeadLetterFile(path: string, name = `file:${path}`): DeadLetterSink {
  const file = createNdjsonFile(path);
  return { name, write: file.write, close: file.close };
}
