import type { AlertDocument } from '../../domain/alert';
import { cut } from '../../ingest/text';

const MAX_VALUE = 256;

/**
 * The attributes of a document as the HTTP headers of CloudEvents 1.0 in binary mode; the document is the body. `id` is
 * `event.id`, so source and id together tell repetitions; `type` is `keywatch.alert.opened`, `.updated` or `.closed`, or
 * `keywatch.notice.<event.action>`. Values are percent-encoded as the HTTP binding asks (3.1.3.2).
 */
export function cloudEventHeaders(document: AlertDocument, source: string): Readonly<Record<string, string>> {
  const { event, keywatch } = document;
  const state = keywatch.incident?.state;
  const type =
    state === undefined ? `notice.${event.action ?? 'other'}` : `alert.${state === 'open' ? 'opened' : state}`;
  const subject = document.user?.id ?? document.related?.user?.[0];
  return {
    'ce-specversion': '1.0',
    'ce-id': headerValue(event.id),
    'ce-source': headerValue(source),
    'ce-type': headerValue(`keywatch.${type}`),
    'ce-time': headerValue(document['@timestamp']),
    ...(subject === undefined || subject === '' ? {} : { 'ce-subject': headerValue(subject) }),
  };
}

/** Printable ASCII less space, quotation mark and per cent as it is; all else as per cent and the bytes of UTF-8. */
function headerValue(text: string): string {
  let out = '';
  for (const byte of Buffer.from(cut(text, MAX_VALUE))) {
    const asItIs = byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x25;
    out += asItIs ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}
