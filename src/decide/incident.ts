import { createHash } from 'node:crypto';
import type { Action, KeyAction } from '../domain/action';
import type { Severity } from '../domain/alert';
import type { KeyKind } from '../domain/event';
import type { Evidence, Facet } from '../domain/evidence';

/**
 * What is known of one suspicion: one actor on one key (`actor` 0: the key as a whole). Plain data, part of the
 * checkpoint. `watched`: evidence below any policy rule, nothing was said. `open`: people were told. `closed`: idle; the
 * actor stays suspect until the suspicion is dropped, and its return updates this incident instead of opening another.
 */
export interface Incident {
  readonly id: string;
  readonly key: string;
  readonly actor: number;
  readonly keyKind: KeyKind;
  keyName: string;
  tenant: string;
  tier: string;
  state: 'watched' | 'open' | 'closed';
  /** Event times, milliseconds. */
  readonly startedAt: number;
  lastAt: number;
  /** When people were first told; 0 before. */
  alertedAt: number;
  /** When the last document was sent. */
  saidAt: number;
  sequence: number;
  /** The actor's requests since the start (of the whole key for actor 0: those that carried evidence). */
  requests: number;
  /** The strongest piece of each detector. */
  evidence: Evidence[];
  /** What the risk would be without each detector's piece: how much hangs on it. */
  riskWithout: Record<string, number>;
  surprise: number;
  risk: number;
  severity: Severity;
  confidence: number;
  action: Action;
  rule: string;
  /** Event time until which the last action asked for lasts; 0 when none was. */
  suspendedUntil: number;
  /** Actions asked for. */
  suspensions: number;
  /** The last of them; undefined when none was, or by an older version. */
  asked?: KeyAction | undefined;
  /** What became of it, as far as Enforce has said. */
  request?: { readonly id: string; readonly state: string; readonly rail?: string } | undefined;
  /** Pairs of actions in which the shadow policy was told to differ. */
  shadowed?: readonly string[] | undefined;
  addresses: string[];
  country: string;
  userAgent: string;
  /** Facets that were muted when it was last judged. */
  muted?: Facet[] | undefined;
  /** Event time since which only mutes have kept people from being told; its actor is suspect all the same. */
  silencedAt?: number | undefined;
}

const MAX_ADDRESSES = 10;
const MAX_AGENT = 512;

/** Who and when, for a new incident. */
export interface Subject {
  readonly key: string;
  readonly actor: number;
  readonly keyKind: KeyKind;
  readonly keyName: string;
  readonly tenant: string;
  readonly tier: string;
}

export function openIncident(subject: Subject, ts: number): Incident {
  return {
    id: causeId('incident', subject.key, subject.actor, ts),
    ...subject,
    state: 'watched',
    startedAt: ts,
    lastAt: ts,
    alertedAt: 0,
    saidAt: 0,
    sequence: 0,
    requests: 0,
    evidence: [],
    riskWithout: {},
    surprise: 0,
    risk: 0,
    severity: 21,
    confidence: 0,
    action: 'observe',
    rule: '',
    suspendedUntil: 0,
    suspensions: 0,
    addresses: [],
    country: '',
    userAgent: '',
  };
}

/** Notes one more request of the incident's subject. */
export function noteRequest(
  incident: Incident,
  event: { ip: string; country: string; userAgent: string },
  ts: number,
): void {
  incident.requests++;
  if (ts > incident.lastAt) incident.lastAt = ts;
  if (event.ip !== '' && incident.addresses.length < MAX_ADDRESSES && !incident.addresses.includes(event.ip)) {
    incident.addresses.push(event.ip);
  }
  incident.country = event.country;
  incident.userAgent = event.userAgent.slice(0, MAX_AGENT);
}

/** The same fact looks a little odder with every day that the past grows; only more than this is news. */
const STRONGER = 0.25;

/** Takes new evidence in, the strongest per detector. Answers whether anything became clearly stronger or new. */
export function addEvidence(incident: Incident, evidence: readonly Evidence[]): boolean {
  let changed = false;
  for (const piece of evidence) {
    const at = incident.evidence.findIndex((e) => e.detector === piece.detector);
    if (at < 0) incident.evidence.push(piece);
    else if (piece.surprise > incident.evidence[at].surprise + STRONGER) incident.evidence[at] = piece;
    else continue;
    changed = true;
  }
  return changed;
}

/** An id derived from its cause: 128 bits of SHA-256 as 22 characters of base64url (no dot). */
export function causeId(...cause: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(cause)).digest('base64url').slice(0, 22);
}
