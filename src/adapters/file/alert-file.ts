import type { AlertSink } from '../../ports';
import { type DocumentFormat, formatted } from '../siem/format';
import { createNdjsonFile } from './ndjson-file';

/** Alert documents to an NDJSON file; see ndjson-file.ts for what is guaranteed. */
export function createAlertFile(path: string, format: DocumentFormat = 'ecs', name = `file:${path}`): AlertSink {
  const file = createNdjsonFile(path);
  const encode = formatted(format);
  return { name, write: (documents) => file.write(documents.map(encode)), close: file.close };
}
