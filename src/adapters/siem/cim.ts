import type { AlertDocument } from '../../domain/alert';
import { severityWords } from './severity';
import { plain, plainTexts } from './text';

const MAX_TEXT = 4_096;
const MAX_NAME = 512;

/**
 * The document in the fields of the Alerts data model of Splunk's Common Information Model (which asks for the tag
 * `alert`, set on Splunk's side), with those that risk-based alerting reads and keywatch's own under `keywatch`.
 */
export function cimAlert(document: AlertDocument): object {
  const { event, user, source, keywatch } = document;
  const key = user?.id ?? document.related?.user?.[0];
  const techniques = [...(document.threat?.technique.id ?? []), ...(document.threat?.technique.subtechnique?.id ?? [])];
  return {
    id: plain(event.id, MAX_NAME),
    app: 'keywatch',
    vendor_product: 'keywatch',
    type: event.kind,
    signature: plain(document.message, MAX_TEXT),
    signature_id: plain(document.rule?.name ?? event.action ?? 'keywatch', MAX_NAME),
    severity: severityWords[event.severity],
    severity_id: String(event.severity),
    subject: plain(document.message, MAX_TEXT),
    description: plain(event.reason, MAX_TEXT),
    ...(source?.ip === undefined ? {} : { src: plain(source.ip, 64) }),
    ...(source?.geo?.country_iso_code === undefined ? {} : { src_country: plain(source.geo.country_iso_code, 2) }),
    ...(key === undefined
      ? {}
      : { user: plain(user?.name ?? key, MAX_NAME), user_id: plain(key, MAX_NAME), dest: plain(key, MAX_NAME) }),
    ...(document.user_agent === undefined ? {} : { http_user_agent: plain(document.user_agent.original, MAX_TEXT) }),
    ...(document.organization === undefined ? {} : { vendor_account: plain(document.organization.id, MAX_NAME) }),
    ...(event.action === undefined ? {} : { action: event.action }),
    ...(techniques.length === 0 ? {} : { mitre_technique_id: techniques }),
    ...(user === undefined
      ? {}
      : {
          risk_object: plain(user.name, MAX_NAME),
          risk_object_type: 'user',
          risk_score: Math.round(event.risk_score),
        }),
    keywatch: {
      mode: keywatch.mode,
      action: keywatch.action,
      sequence: event.sequence,
      ...(keywatch.muted === undefined ? {} : { muted: plain(keywatch.muted, MAX_NAME) }),
      ...(keywatch.incident === undefined ? {} : { incident: plainTexts(keywatch.incident, MAX_NAME) }),
      ...(keywatch.request === undefined ? {} : { request: plainTexts(keywatch.request, MAX_NAME) }),
      ...(keywatch.confidence === undefined ? {} : { confidence: keywatch.confidence }),
      ...(keywatch.held_back === undefined ? {} : { held_back: plainTexts(keywatch.held_back, MAX_NAME) }),
      evidence: keywatch.evidence.map((piece) => ({
        detector: piece.detector,
        facet: piece.facet,
        surprise: piece.surprise,
        saw: plain(piece.saw, MAX_TEXT),
        expected: plain(piece.expected, MAX_TEXT),
      })),
    },
  };
}
