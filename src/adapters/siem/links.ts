import type { AlertDocument } from '../../domain/alert';
import { percentEncoded } from './text';

/** URL templates that messages link to: `{incident}`, `{alert}` and `{key}` stand for the document's ids. */
export interface LinkTemplates {
  readonly incident?: string | undefined;
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

/** The links of a document. Ids are percent-encoded, so that none can add a path, a query or another host. */
export function linksOf(document: AlertDocument, templates: LinkTemplates): readonly Link[] {
  if (templates.incident === undefined) return [];
  const { user, event, keywatch } = document;
  const values: Readonly<Record<string, string | undefined>> = {
    incident: keywatch.incident?.id,
    alert: event.id,
    key: user?.id ?? document.related?.user?.[0],
  };
  let missing = false;
  const url = templates.incident.replace(/\{(incident|alert|key)\}/g, (_, name: string) => {
    const value = values[name];
    // A document without it, such as a notice, has nothing to link to.
    if (value === undefined) missing = true;
    return percentEncoded(value ?? '');
  });
  return missing || url.length > 2_000 ? [] : [{ title: 'Open incident', url }];
}
