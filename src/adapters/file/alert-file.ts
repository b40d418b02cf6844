import type { AlertSink } from '../../ports';
import { createNdjsonFile } from './ndjson-file';

/** Alert documents to an NDJSON file; see ndjson-file.ts for what is guaranteed. */
export function createAlertFile(path: string, name = `file:${path}`): AlertSink {
  const file = createNdjsonFile(path);
  return { name, write: file.write, close: file.close };
}
