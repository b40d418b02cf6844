import type { AlertDocument } from '../../domain/alert';
import { ocsfFinding } from './ocsf';

/** What a document looks like to its reader: `ecs` as it is, `ocsf` as a Detection Finding. */
export type DocumentFormat = 'ecs' | 'ocsf';

/** Makes the function that turns an alert document into what is written as JSON. */
export function formatted(format: DocumentFormat): (document: AlertDocument) => object {
  return format === 'ecs' ? (document) => document : ocsfFinding;
}
