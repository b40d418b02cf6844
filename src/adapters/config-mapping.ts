import type { Finding } from './config-faults';
import { isMap, valueAt } from './config-shape';

/** What `ingest.format`, `ingest.mapping`, and the settings of keys mean together. */
export const mappingFindings = (document: unknown): Finding[] => {
  const ingest = valueAt(document, ['ingest']);
  if (!isMap(ingest)) return [];
  const { format = 'auto', mapping } = ingest;
  if (format === 'mapping' && mapping === undefined)
    return [{ path: ['ingest', 'mapping'], expected: 'required when ingest.format is mapping' }];
  if (!isMap(mapping)) return [];
  const found: Finding[] = [];
  if (format !== 'mapping')
    found.push({ path: ['ingest', 'mapping'], expected: 'is used only when ingest.format is mapping' });
  if (ingest.keyField !== undefined)
    found.push({ path: ['ingest', 'keyField'], expected: 'a mapped log names its key in ingest.mapping.key' });
  if (mapping.keyType === 'secret' && ingest.pepperFrom === undefined)
    found.push({
      path: ['ingest', 'pepperFrom'],
      expected: 'required when ingest.mapping.keyType is secret: keys are hashed with it',
    });
  return found;
};
