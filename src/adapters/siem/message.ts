import type { AlertDocument } from '../../domain/alert';
import { severityWords } from './severity';
import { plain } from './text';

/** What a chat message says, as plain texts; how each service is told is its own file's matter. */
export interface Message {
  /** `HIGH: API key used by a newcomer` */
  readonly title: string;
  readonly reason: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** One line a piece, the strongest first. */
  readonly evidence: readonly string[];
  /** Time, id and mode. */
  readonly footer: string;
}

const SHOWN = 4;

/** Every text is bounded and free of control characters; none is escaped yet. */
export function messageOf(document: AlertDocument): Message {
  const { event, user, source, keywatch } = document;
  const state = keywatch.incident?.state;
  const prefix = state !== undefined && event.kind === 'event' ? `${state}, ` : '';
  const key = user?.id ?? document.related?.user?.[0];
  const country = source?.geo?.country_iso_code;
  const from = source?.ip ?? keywatch.source_hash?.at(-1);
  const address = from === undefined ? country : `${from}${country === undefined ? '' : ` (${country})`}`;
  const named = user !== undefined && user.name !== user.id ? `${user.name} (${user.id})` : key;
  const request = keywatch.request;
  const doing = request === undefined ? keywatch.action : `${keywatch.action}: ${request.state}`;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Key', named],
    ['Risk', `${Math.round(event.risk_score)} of 100`],
    ['Address', address],
    ['Client', document.user_agent?.original],
    ['Tenant', document.organization?.id],
    ['Action', keywatch.mode === 'dry-run' ? `${doing} (dry run: nothing is done)` : doing],
    ['Detail', request?.detail],
  ];
  const more = keywatch.evidence.length - SHOWN;
  return {
    title: plain(`${prefix}${severityWords[event.severity].toUpperCase()}: ${document.message}`, 140),
    reason: plain(event.reason, 600),
    facts: facts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, plain(value, 200)]])),
    evidence: [
      ...keywatch.evidence
        .slice(0, SHOWN)
        .map((piece) => `${piece.facet}: saw ${plain(piece.saw, 200)}, expected ${plain(piece.expected, 200)}`),
      ...(more > 0 ? [`and ${more} more`] : []),
    ],
    footer: plain(`${document['@timestamp']} · ${event.id} · keywatch ${keywatch.mode}`, 300),
  };
}
