import type { AlertDocument, Severity } from '../../domain/alert';
import { cefLine } from '../siem/cef';
import { cutBytes } from '../siem/text';

/** Facility numbers of RFC 5424. */
export const facilities = {
  user: 1,
  auth: 4,
  authpriv: 10,
  audit: 13,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;

export type Facility = keyof typeof facilities;

/** Severity numbers of RFC 5424: notice, warning, error, critical. */
const severities: Readonly<Record<Severity, number>> = { 21: 5, 47: 4, 73: 3, 99: 2 };

export interface SyslogFrame {
  readonly facility: Facility;
  readonly hostname: string;
  /** Version of keywatch, in the CEF header. */
  readonly version: string;
  /** Longest message, bytes. */
  readonly maxBytes: number;
}

/**
 * One syslog message by RFC 5424 that carries CEF, at most `maxBytes` of UTF-8 (at least 640), without byte order mark and
 * without structured data. It never has a line break. MSGID is `alert` or `event`, as `event.kind`.
 */
export function syslogMessage(document: AlertDocument, frame: SyslogFrame): string {
  const { event } = document;
  const priority = facilities[frame.facility] * 8 + severities[event.severity];
  const head = `<${priority}>1 ${document['@timestamp']} ${hostnameOf(frame.hostname)} keywatch - ${event.kind} - `;
  return head + cefLine(document, frame.version, frame.maxBytes - Buffer.byteLength(head));
}

/** HOSTNAME takes printable ASCII without spaces, at most 255 characters; `-` where there is none. */
const hostnameOf = (name: string): string => cutBytes(name.replace(/[^\x21-\x7e]/g, ''), 128) || '-';

/** Octet counting (RFC 5425, RFC 6587): the message's length in bytes, a space, the message. */
export function octetCounted(message: string): Buffer {
  const bytes = Buffer.from(message);
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);
}
