import type { ActionRequest, KeyAction } from '../domain/action';
import { isAddress } from '../domain/address';
import { type AlertDocument, ECS_VERSION } from '../domain/alert';
import type { Evidence, Facet } from '../domain/evidence';
import { relatedAddresses, sourceHash } from './addresses';
import { causeId, type Incident } from './incident';
import { heard, isMuted, type KeyNotes, noNotes } from './muting';
import { stillUsedBy } from './still-used';
import { defaultTags, owaspOf, type TagSettings, tagsOf, threatOf } from './tags';

/** What a document says about its incident at this moment. */
export type Telling = 'open' | 'updated' | 'closed';

const titles: Record<Facet, string> = {
  actor: 'API key used by a newcomer',
  geography: 'API key used from an unusual place',
  client: 'API key used by an unusual client',
  time: 'API key used at an unusual hour',
  volume: 'API key used unusually much',
  errors: 'API key fails unusually often',
  auth: 'API key is denied unusually often',
  routes: 'API key used for unusual calls',
  limits: 'API key used outside its declared limits',
  joint: 'API key used unusually in several ways at once',
};

/** Id of the document that an incident's present sequence number stands for. */
export function alertId(incident: Incident): string {
  return causeId('alert', incident.id, incident.sequence);
}

/** The incident as an ECS document. `ts` is the event time at which this was decided, milliseconds. */
export function tell(
  incident: Incident,
  telling: Telling,
  loud: boolean,
  ts: number,
  mode: 'dry-run' | 'enforce',
  tags: TagSettings = defaultTags,
  notes: KeyNotes = noNotes,
): AlertDocument {
  const evidence = byStrength(incident.evidence);
  const [first] = byStrength(heardOrAll(incident));
  const baseline = notes.baseline(incident.key, ts);
  const mutes = notes.mutes(incident.key, ts);
  const threat = threatOf(evidence, tags);
  return {
    '@timestamp': iso(ts),
    ecs: { version: ECS_VERSION },
    message: first === undefined ? 'API key used unusually' : titles[first.facet],
    event: {
      id: alertId(incident),
      kind: loud ? 'alert' : 'event',
      category: ['api', 'intrusion_detection'],
      type: ['info'],
      module: 'keywatch',
      dataset: 'keywatch.alert',
      start: iso(incident.startedAt),
      end: iso(incident.lastAt),
      risk_score: incident.risk,
      severity: incident.severity,
      reason: reasonOf(incident),
      sequence: incident.sequence,
    },
    user: { id: incident.key, name: incident.keyName || incident.key },
    ...(incident.tenant === '' ? {} : { organization: { id: incident.tenant } }),
    ...sourceOf(incident),
    ...(incident.userAgent === '' ? {} : { user_agent: { original: incident.userAgent } }),
    ...(threat === undefined ? {} : { threat }),
    rule: { name: incident.rule || 'closed', ruleset: 'keywatch-policy' },
    related: { user: [incident.key], ...relatedAddresses(incident.addresses) },
    keywatch: {
      mode,
      action: incident.action,
      ...actorOf(incident),
      incident: { id: incident.id, state: telling, requests: incident.requests },
      ...(incident.request === undefined ? {} : { request: incident.request }),
      evidence: evidence.map((e) => ({
        detector: e.detector,
        facet: e.facet,
        kind: e.kind,
        surprise: round(e.surprise),
        confidence: round(e.confidence),
        saw: e.saw,
        expected: e.expected,
        since: iso(e.since),
        risk_without: incident.riskWithout[e.detector] ?? 0,
        tags: [...tagsOf(e, tags)],
        ...(isMuted(e, incident.muted) ? { muted: true as const } : {}),
      })),
      confidence: round(incident.confidence),
      ...(baseline === undefined ? {} : { baseline }),
      ...(mutes.length === 0 ? {} : { mutes: mutes.map(({ facet, until, by }) => ({ facet, until: iso(until), by })) }),
      attack_version: tags.attackVersion,
      owasp: [...owaspOf(evidence, tags)],
      ...sourceHash(incident.addresses),
      ...stillUsedBy(notes.stillUsed(incident.key, incident.id), incident.actor),
    },
  };
}

/** A stable hash of the incident's actor, the same in every partition; nothing where it is about the key as a whole. */
const actorOf = ({ actor }: Incident): { readonly actor?: string } =>
  actor === 0 ? {} : { actor: causeId('actor', actor) };

/** The request that a verdict makes; its id counts what the incident has asked for. */
export function requestOf(
  incident: Incident,
  action: KeyAction,
  partition: number,
  ts: number,
  durationMs: number,
): ActionRequest {
  return {
    id: causeId('request', incident.id, action, incident.suspensions),
    action,
    key: incident.key,
    keyKind: incident.keyKind,
    keyName: incident.keyName,
    tenant: incident.tenant,
    tier: incident.tier,
    partition,
    decidedAt: ts,
    durationMs,
    incidentId: incident.id,
    alertId: alertId(incident),
    rule: incident.rule,
    risk: incident.risk,
    ...actorOf(incident),
    reason: reasonOf(incident),
    evidence: byStrength(heard(incident)),
  };
}

/**
 * One sentence: what was seen and what this key's past makes one expect, strongest first. The newcomer's piece tells of
 * place and client in one, so theirs are left out; what is usual for the key is theirs to say.
 */
export function reasonOf(incident: Incident): string {
  const pieces = byStrength(heardOrAll(incident));
  if (pieces.length === 0) return 'No evidence was kept.';
  const actor = pieces.some((e) => e.facet === 'actor');
  const told = actor ? pieces.filter((e) => !partOfActor.has(e.facet)) : pieces;
  const usual = pieces.find((e) => partOfActor.has(e.facet)) ?? pieces[0];
  const saw = told.slice(0, 3).map((e) => e.saw);
  return `Saw ${saw.join('; ')}. Expected ${usual.expected}.`;
}

/** What counts; where all is muted, all. */
function heardOrAll(incident: Incident): readonly Evidence[] {
  const counted = heard(incident);
  return counted.length === 0 ? incident.evidence : counted;
}

const partOfActor: ReadonlySet<Facet> = new Set(['geography', 'client']);

/** Who uses the key comes first, then by surprise. */
function byStrength(evidence: readonly Evidence[]): readonly Evidence[] {
  const rank = (e: Evidence) => (e.facet === 'actor' ? 100 : 0) + e.surprise;
  return [...evidence].sort((a, b) => rank(b) - rank(a) || (a.detector < b.detector ? -1 : 1));
}

function sourceOf(incident: Incident): Pick<AlertDocument, 'source'> {
  const address = incident.addresses[incident.addresses.length - 1];
  if (address === undefined) return {};
  const geo = incident.country.length === 2 ? { geo: { country_iso_code: incident.country } } : {};
  const ip = isAddress(address) ? { ip: address } : {};
  return 'ip' in ip || 'geo' in geo ? { source: { ...ip, ...geo } } : {};
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
