import type { AlertDocument, Severity } from '../../domain/alert';
import { plain, plainTexts } from './text';

/** Version of the Open Cybersecurity Schema Framework that the documents keep to. */
export const OCSF_VERSION = '1.8.0';

const CLASS = 2004;
const MAX_TEXT = 4_096;
const MAX_NAME = 512;

const activities = { open: [1, 'Create'], updated: [2, 'Update'], closed: [3, 'Close'] } as const;
const severities: Readonly<Record<Severity, readonly [number, string]>> = {
  21: [2, 'Low'],
  47: [3, 'Medium'],
  73: [4, 'High'],
  99: [5, 'Critical'],
};
const riskLevels: Readonly<Record<Severity, readonly [number, string]>> = {
  21: [1, 'Low'],
  47: [2, 'Medium'],
  73: [3, 'High'],
  99: [4, 'Critical'],
};

/** What a notice says was done: action (1 allowed, 2 denied) and disposition of the profile `security_control`. */
const dispositions: Readonly<Record<string, readonly [number, string, number, string]>> = {
  'key-suspended': [2, 'Denied', 24, 'Access Revoked'],
  'key-released': [1, 'Allowed', 9, 'Restored'],
  'suspension-held': [1, 'Allowed', 16, 'No Action'],
  'suspension-undelivered': [1, 'Allowed', 16, 'No Action'],
};

const analyses: Readonly<Record<string, string>> = {
  actor: 'Association Analysis',
  geography: 'Association Analysis',
  client: 'Association Analysis',
  time: 'Time Pattern Analysis',
  volume: 'Volume Analysis',
  errors: 'Frequency Analysis',
  auth: 'Frequency Analysis',
  routes: 'Distribution Analysis',
};

/**
 * The document as an OCSF 1.8.0 Detection Finding (class 2004): created, updated and closed with its incident, whose id
 * is the finding's; a notice about keywatch is a finding of its own, with the profile `security_control` where something
 * was done. What OCSF has no place for is in `unmapped.keywatch`. Texts are cut to 4,096 characters.
 */
export function ocsfFinding(document: AlertDocument): object {
  const { event, keywatch } = document;
  const [activity, activityName] = activities[keywatch.incident?.state ?? 'open'];
  const [severity, severityName] = severities[event.severity];
  const [riskLevel, riskLevelName] = riskLevels[event.severity];
  const done = keywatch.incident === undefined ? dispositions[event.action ?? ''] : undefined;
  return {
    activity_id: activity,
    activity_name: activityName,
    category_uid: 2,
    category_name: 'Findings',
    class_uid: CLASS,
    class_name: 'Detection Finding',
    type_uid: CLASS * 100 + activity,
    type_name: `Detection Finding: ${activityName}`,
    time: ms(document['@timestamp']),
    ...(event.start === undefined ? {} : { start_time: ms(event.start) }),
    ...(event.end === undefined ? {} : { end_time: ms(event.end) }),
    severity_id: severity,
    severity: severityName,
    message: plain(document.message, MAX_TEXT),
    ...statusOf(activity, keywatch.muted),
    is_alert: event.kind === 'alert',
    risk_score: Math.round(event.risk_score),
    risk_level_id: riskLevel,
    risk_level: riskLevelName,
    ...confidenceOf(keywatch.confidence),
    ...(done === undefined
      ? {}
      : { action_id: done[0], action: done[1], disposition_id: done[2], disposition: done[3] }),
    metadata: {
      version: OCSF_VERSION,
      uid: plain(event.id, MAX_NAME),
      product: { name: 'keywatch', vendor_name: 'keywatch' },
      log_name: event.dataset,
      event_code: event.action ?? `incident-${keywatch.incident?.state ?? 'none'}`,
      sequence: event.sequence,
      ...(keywatch.request === undefined ? {} : { correlation_uid: plain(keywatch.request.id, MAX_NAME) }),
      ...(document.organization === undefined ? {} : { tenant_uid: plain(document.organization.id, MAX_NAME) }),
      ...(done === undefined ? {} : { profiles: ['security_control'] }),
    },
    finding_info: findingInfo(document),
    ...(keywatch.evidence.length === 0 ? {} : { anomaly_analyses: [analysisOf(document)] }),
    ...evidencesOf(document),
    ...resourcesOf(document),
    ...observablesOf(document),
    unmapped: {
      keywatch: {
        mode: keywatch.mode,
        action: keywatch.action,
        ...(keywatch.muted === undefined ? {} : { muted: plain(keywatch.muted, MAX_NAME) }),
        ...(keywatch.incident === undefined ? {} : { incident: plainTexts(keywatch.incident, MAX_NAME) }),
        ...(keywatch.request === undefined ? {} : { request: plainTexts(keywatch.request, MAX_NAME) }),
        ...(keywatch.held_back === undefined ? {} : { held_back: plainTexts(keywatch.held_back, MAX_NAME) }),
        evidence: keywatch.evidence.map(({ detector, facet, kind, surprise, confidence }) => ({
          detector,
          facet,
          kind,
          surprise,
          confidence,
        })),
      },
    },
  };
}

/** What a maintenance window muted is Suppressed (3); a closed incident is idle, which OCSF has no word for. */
function statusOf(
  activity: number,
  muted: string | undefined,
): { readonly status_id: number; readonly status: string } {
  if (muted !== undefined) return { status_id: 3, status: 'Suppressed' };
  return activity === 3 ? { status_id: 99, status: 'Idle' } : { status_id: 1, status: 'New' };
}

const ms = (time: string): number => Date.parse(time);

function confidenceOf(share: number | undefined): object {
  if (share === undefined) return {};
  const [id, name] = share < 1 / 3 ? [1, 'Low'] : share < 2 / 3 ? [2, 'Medium'] : [3, 'High'];
  return { confidence_id: id, confidence: name, confidence_score: Math.round(share * 100) };
}

function findingInfo(document: AlertDocument): object {
  const { event, keywatch, rule } = document;
  const statistical = keywatch.evidence.some(({ kind }) => kind === 'statistical');
  return {
    uid: plain(keywatch.incident?.id ?? event.id, MAX_NAME),
    title: plain(document.message, MAX_TEXT),
    desc: plain(event.reason, MAX_TEXT),
    ...(event.start === undefined ? {} : { first_seen_time: ms(event.start) }),
    ...(event.end === undefined ? {} : { last_seen_time: ms(event.end) }),
    analytic: {
      type_id: statistical ? 3 : 1,
      type: statistical ? 'Statistical' : 'Rule',
      name: plain(rule?.name ?? event.action ?? 'keywatch', MAX_NAME),
      uid: plain(rule?.name ?? event.action ?? 'keywatch', MAX_NAME),
    },
    ...attacksOf(document),
  };
}

/** One object for each tactic, technique and sub-technique: which of them belong together the document does not say. */
function attacksOf(document: AlertDocument): object {
  const { threat } = document;
  if (threat === undefined) return {};
  const version = document.keywatch.attack_version;
  const each = (field: string, named: { id: readonly string[]; name: readonly string[] } | undefined) =>
    (named?.id ?? []).map((uid, i) => ({
      [field]: { uid, ...(named?.name[i] === undefined ? {} : { name: named.name[i] }) },
      ...(version === undefined ? {} : { version }),
    }));
  return {
    attacks: [
      ...each('tactic', threat.tactic),
      ...each('technique', threat.technique),
      ...each('sub_technique', threat.technique.subtechnique),
    ],
  };
}

function analysisOf(document: AlertDocument): object {
  const { evidence } = document.keywatch;
  return {
    analysis_targets: [{ name: plain(document.user?.id ?? 'unknown', MAX_NAME), type: 'API key' }],
    anomalies: evidence.map((piece) => ({
      observation_parameter: piece.facet,
      observation_type: analyses[piece.facet] ?? 'Deviation Analysis',
      observations: [{ value: plain(piece.saw, MAX_TEXT) }],
    })),
    baselines: evidence.map((piece) => ({
      observation_parameter: piece.facet,
      observation_type: analyses[piece.facet] ?? 'Deviation Analysis',
      observations: [{ value: plain(piece.expected, MAX_TEXT), timespan: { start_time: ms(piece.since) } }],
    })),
  };
}

function evidencesOf(document: AlertDocument): object {
  const { source, user_agent: agent, user } = document;
  if (source?.ip === undefined) return {};
  const country = source.geo?.country_iso_code;
  const number = source.as?.number;
  return {
    evidences: [
      {
        src_endpoint: {
          ip: plain(source.ip, 64),
          ...(country === undefined ? {} : { location: { country: plain(country, 2) } }),
          ...(number === undefined ? {} : { autonomous_system: { number } }),
        },
        ...(agent === undefined ? {} : { http_request: { user_agent: plain(agent.original, MAX_TEXT) } }),
        ...(user === undefined ? {} : { user: { uid: plain(user.id, MAX_NAME), name: plain(user.name, MAX_NAME) } }),
      },
    ],
  };
}

/** The affected key; a notice names it in `related.user` only. */
function resourcesOf(document: AlertDocument): object {
  const uid = document.user?.id ?? document.related?.user?.[0];
  if (uid === undefined) return {};
  return {
    resources: [{ type: 'API key', uid: plain(uid, MAX_NAME), name: plain(document.user?.name ?? uid, MAX_NAME) }],
  };
}

function observablesOf(document: AlertDocument): object {
  const addresses = document.related?.ip ?? [];
  const key = document.user?.id;
  const observables = [
    ...addresses.map((ip) => ({
      name: 'evidences.src_endpoint.ip',
      type_id: 2,
      type: 'IP Address',
      value: plain(ip, 64),
    })),
    ...(key === undefined
      ? []
      : [{ name: 'resources.uid', type_id: 10, type: 'Resource UID', value: plain(key, MAX_NAME) }]),
  ];
  return observables.length === 0 ? {} : { observables };
}
