import { createHash } from 'node:crypto';
import type { ActionRequest, GroupedAlert, Outcome } from '../domain/action';
import { type AlertDocument, ECS_VERSION, type Severity } from '../domain/alert';

/** One actor on several keys, of any partitions. Plain values; times are wall clock, milliseconds. */
export interface Group {
  readonly id: string;
  readonly actor: string;
  /** Keys with the first alert of each, in the order in which they came. */
  readonly members: readonly GroupedAlert[];
  readonly lastAt: number;
}

/** The newest group of each actor, the one that is silent the longest first. */
export type Groups = ReadonlyMap<string, Group>;
export const emptyGroups: Groups = new Map();

/** Actors whose alerts are remembered. */
const MAX_GROUPS = 5_000;
/** Keys of one group that are told apart; beyond, alerts still point to the group and are not counted. */
const MAX_MEMBERS = 1_000;
/** Keys named in one document. */
const MAX_NAMED = 50;
/** One actor on several keys is at least this. */
const GROUP_SEVERITY: Severity = 73;

const idOf = (...cause: readonly (string | number)[]) =>
  createHash('sha256').update(JSON.stringify(cause)).digest('base64url').slice(0, 22);

/** Takes a ledger line in: the alert joins the group of that id, which is the actor's newest from then on. */
export function noteGrouped(groups: Groups, id: string, alert: GroupedAlert, at: number): Groups {
  const known = groups.get(alert.actor);
  const members = known?.id === id ? known.members : [];
  const next = new Map(groups);
  next.delete(alert.actor);
  const more = members.some(({ key }) => key === alert.key) || members.length >= MAX_MEMBERS ? [] : [alert];
  next.set(alert.actor, { id, actor: alert.actor, members: [...members, ...more], lastAt: at });
  if (next.size > MAX_GROUPS) {
    for (const oldest of next.keys()) {
      next.delete(oldest);
      break;
    }
  }
  return next;
}

/** What a request can be told of its actor's other keys; undefined where there are none. */
export function groupOfRequest(
  groups: Groups,
  { actor, key }: ActionRequest,
  now: number,
  windowMs: number,
): ActionRequest['group'] {
  const group = actor === undefined ? undefined : groups.get(actor);
  if (group === undefined || now - group.lastAt >= windowMs) return undefined;
  const others = group.members.filter((member) => member.key !== key).length;
  return others === 0 ? undefined : { id: group.id, keys: others + 1 };
}

/** The document that tells of a group when it has `count` keys: loud at two, an update at every doubling after. */
function tellGroup(group: Group, count: number, cause: AlertDocument): AlertDocument {
  const keys = group.members.slice(0, count).map(({ key }) => key);
  const [first] = group.members;
  const named = keys.slice(0, MAX_NAMED);
  const severities = group.members.slice(0, count).map(({ severity }) => severity);
  const { source, user_agent, threat } = cause;
  return {
    '@timestamp': cause['@timestamp'],
    ecs: { version: ECS_VERSION },
    message: 'One actor on several API keys',
    event: {
      id: idOf('group', group.id, count),
      kind: count === 2 ? 'alert' : 'event',
      category: ['api', 'intrusion_detection'],
      type: ['info'],
      action: 'actor-on-several-keys',
      module: 'keywatch',
      dataset: 'keywatch.alert',
      risk_score: cause.event.risk_score,
      severity: Math.max(GROUP_SEVERITY, ...severities) as Severity,
      reason: `The same actor raised alerts on ${count} keys: ${named.slice(0, 10).join(', ')}${count > 10 ? ', …' : ''}.`,
      sequence: Math.round(Math.log2(count)) - 1,
    },
    ...(source === undefined ? {} : { source }),
    ...(user_agent === undefined ? {} : { user_agent }),
    ...(threat === undefined ? {} : { threat }),
    related: { user: named, ...(cause.related?.ip === undefined ? {} : { ip: cause.related.ip }) },
    keywatch: {
      mode: cause.keywatch.mode,
      action: cause.keywatch.action,
      actor: group.actor,
      group: { id: group.id, keys: count, alert: first?.alertId ?? cause.event.id },
      evidence: [],
    },
  };
}

const isDoubling = (count: number) => count >= 2 && Number.isInteger(Math.log2(count));

/** An alert that points to its actor's group instead of interrupting people once more; a worse one still does. */
function quietened(document: AlertDocument, group: Group, position: number): AlertDocument {
  const before = group.members.slice(0, Math.max(position, 2)).map(({ severity }) => severity);
  const loud = document.event.severity > Math.max(GROUP_SEVERITY, ...before);
  const keys = Math.max(2, position + 1);
  return {
    ...document,
    event: { ...document.event, kind: loud ? 'alert' : 'event' },
    keywatch: { ...document.keywatch, group: { id: group.id, keys, alert: group.members[0]!.alertId } },
  };
}

/** Who raised an alert on which key; undefined for what belongs to no group. */
function alertOf({ event, user, keywatch }: AlertDocument): GroupedAlert | undefined {
  const { actor, incident } = keywatch;
  if (event.kind !== 'alert' || actor === undefined || incident === undefined || user === undefined) return undefined;
  return { actor, key: user.id, alertId: event.id, incidentId: incident.id, severity: event.severity };
}

export interface Grouped {
  readonly groups: Groups;
  readonly documents: readonly AlertDocument[];
  /** Lines for the ledger, to be written once the documents are durable. */
  readonly outcomes: readonly Outcome[];
}

/**
 * The cross-partition view: alerts of one actor on several keys within `windowMs` of each other become one group. The
 * first alert stays as it is; with the second key the group is told, loudly and once; the alerts of further keys become
 * events that point to it. Documents that come again after a crash come out as they did the first time.
 */
export function group(before: Groups, documents: readonly AlertDocument[], now: number, windowMs: number): Grouped {
  let groups = before;
  const out: AlertDocument[] = [];
  const outcomes: Outcome[] = [];
  for (const document of documents) {
    const alert = alertOf(document);
    if (alert === undefined) {
      out.push(document);
      continue;
    }
    const known = groups.get(alert.actor);
    const same =
      known !== undefined && (now - known.lastAt < windowMs || known.members.some((m) => m.alertId === alert.alertId));
    const id = same ? known.id : idOf('group', alert.actor, alert.alertId);
    const joined = same && known.members.some(({ key }) => key === alert.key);
    if (!joined && !(same && known.members.length >= MAX_MEMBERS)) {
      groups = noteGrouped(groups, id, alert, now);
      outcomes.push({ requestId: id, state: 'grouped', at: now, group: alert });
    }
    const ours = groups.get(alert.actor)!;
    const at = ours.members.findIndex(({ key }) => key === alert.key);
    const position = at < 0 ? ours.members.length : at;
    const firstTime = at >= 0 && ours.members[at]!.alertId === alert.alertId;
    // The group's first key is told of by its own alert; what that key has to say later is one voice among others.
    if (position === 0 && (firstTime || ours.members.length === 1)) {
      out.push(document);
      continue;
    }
    if (firstTime && isDoubling(position + 1)) out.push(tellGroup(ours, position + 1, document));
    out.push(quietened(document, ours, position));
  }
  return { groups, documents: out, outcomes };
}
