import { isIP } from 'node:net';
import type { AlertDocument, Severity } from '../../domain/alert';
import { cutBytes, plain } from './text';

/** CEF's scale of 0 to 10. */
const severities: Readonly<Record<Severity, number>> = { 21: 3, 47: 5, 73: 8, 99: 10 };

/** Longest value of most keys of the CEF dictionary; what is longer is cut, and tighter where the line is too long. */
const limits = [1_023, 512, 256, 128, 64, 32] as const;

/**
 * The document as one line of CEF 0 (Common Event Format), at most `maxBytes` of UTF-8 (at least 480). No field can end
 * the line, its field or the header: in the header `\` and `|` are escaped, in the extension `\`, `=` and line breaks;
 * other control characters become U+FFFD. Too long a line gets shorter texts first, then loses fields from its end.
 */
export function cefLine(document: AlertDocument, version: string, maxBytes = 8_192): string {
  const budget = Math.max(480, maxBytes);
  for (const limit of limits) {
    const line = `${header(document, version, Math.min(limit, 256))}${extensionOf(document, limit).join(' ')}`;
    if (Buffer.byteLength(line) <= budget) return line;
  }
  const fields = extensionOf(document, limits[limits.length - 1]!);
  const head = header(document, version, 32);
  let room = budget - Buffer.byteLength(head);
  const kept: string[] = [];
  for (const field of fields) {
    room -= Buffer.byteLength(field) + 1;
    if (room < 0) break;
    kept.push(field);
  }
  return head + kept.join(' ');
}

function header(document: AlertDocument, version: string, max: number): string {
  const { event, rule } = document;
  const parts = [
    'keywatch',
    'keywatch',
    version,
    rule?.name ?? event.action ?? 'keywatch',
    document.message,
    String(severities[event.severity]),
  ];
  return `CEF:0|${parts.map((part) => escapeHeader(cutBytes(plain(part, max), max))).join('|')}|`;
}

/** `key=value` pairs, the ones that matter most first. */
function extensionOf(document: AlertDocument, limit: number): string[] {
  const { event, user, source, keywatch } = document;
  const key = user?.id ?? document.related?.user?.[0];
  const techniques = [...(document.threat?.technique.id ?? []), ...(document.threat?.technique.subtechnique?.id ?? [])];
  const evidence = keywatch.evidence.map((piece) => `${piece.facet}: saw ${piece.saw}, expected ${piece.expected}`);
  const fields: readonly (readonly [string, string | number | undefined])[] = [
    ['rt', Date.parse(document['@timestamp'])],
    ['externalId', event.id],
    ['cat', event.dataset],
    ['act', event.action ?? keywatch.action],
    ['outcome', event.outcome],
    ['suid', key],
    ['suser', user?.name],
    ...addressOf(source?.ip),
    ['cn1', Math.round(event.risk_score)],
    ['cn1Label', 'riskScore'],
    ...(keywatch.incident === undefined
      ? labelled('cs1', 'requestId', keywatch.request?.id)
      : labelled('cs1', 'incidentId', keywatch.incident.id)),
    ...labelled('cs2', 'state', keywatch.incident?.state ?? keywatch.request?.state),
    ...labelled('cs6', 'mode', keywatch.mode),
    ...labelled('flexString2', 'muted', keywatch.muted),
    ['msg', event.reason],
    ['start', event.start === undefined ? undefined : Date.parse(event.start)],
    ['end', event.end === undefined ? undefined : Date.parse(event.end)],
    ['cnt', keywatch.incident?.requests],
    ...labelled('cs3', 'mitreTechnique', techniques.join(', ') || undefined),
    ...labelled('cs5', 'tenant', document.organization?.id),
    ['requestClientApplication', document.user_agent?.original],
    ...labelled('cs4', 'evidence', evidence.join('; ') || undefined),
    ...labelled('flexString1', 'country', source?.geo?.country_iso_code),
  ];
  return fields.flatMap(([name, value]) => {
    if (value === undefined || value === '') return [];
    const text = typeof value === 'number' ? String(value) : cutBytes(bounded(value, limit), limit);
    return text === '' ? [] : [`${name}=${escapeValue(text)}`];
  });
}

type Field = readonly [string, string | number | undefined];

/** A custom string and its label; neither without the other. */
const labelled = (name: string, label: string, value: string | undefined): readonly Field[] =>
  value === undefined || value === ''
    ? []
    : [
        [name, value],
        [`${name}Label`, label],
      ];

/** `src` is for IPv4 alone; an IPv6 address has a custom field. */
function addressOf(ip: string | undefined): readonly Field[] {
  if (ip === undefined) return [];
  return isIP(ip) === 6 ? labelled('c6a2', 'Source IPv6 Address', ip) : isIP(ip) === 4 ? [['src', ip]] : [];
}

/** Line breaks are kept, for they can be escaped; every other unsafe character is not. */
function bounded(text: string, max: number): string {
  return text
    .slice(0, max + 1)
    .split(/(\r|\n)/)
    .map((part) => (part === '\r' || part === '\n' ? part : plain(part, max)))
    .join('');
}

const escapeHeader = (text: string): string => text.replace(/[\\|]/g, '\\$&');

const escapeValue = (text: string): string =>
  text.replace(/[\\=]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r');
