import { createHash } from 'node:crypto';
import {
  LEAK_RULE,
  type Leak,
  type LeakIncident,
  leakAlertId,
  leakIncident,
  leakRequest,
  tellLeak,
} from '../../decide/leak-notice';
import type { ActionRequest } from '../../domain/action';
import type { AlertDocument } from '../../domain/alert';
import type { KeyKind } from '../../domain/event';
import type { Inventory, KeyFacts } from '../../domain/inventory';
import type { StoredIncident } from '../../enforce/incidents';
import type { Audit } from '../../ports';
import type { Answers } from '../api/answers';
import { Problem } from '../api/problem';
import type { LeakSender, LeakTelemetry } from '../metrics-leaks';
import type { Found } from './notices';

/** What leak notices work on. */
export interface LeakDesk {
  /** Keyed hashes that the log or the inventory may have a raw key under; none without a pepper. */
  readonly hashes: (raw: string) => readonly string[];
  /** The inventory in force. */
  readonly inventory: () => Inventory;
  /** Whether a key id has a past, beside the inventory. */
  readonly knows: (key: string) => boolean;
  /** Of one key, the newest first. */
  readonly incidentsOf: (key: string) => readonly StoredIncident[];
  /** Which notices were carried out, durably. */
  readonly once: Answers['once'];
  readonly audit: Audit;
  /** Resolves when the documents are durable. */
  readonly tell: (documents: readonly AlertDocument[]) => Promise<void>;
  /** Resolves when the requests are decided and durable. */
  readonly submit: (requests: readonly ActionRequest[], context: { readonly lagging: boolean }) => Promise<void>;
  readonly telemetry: LeakTelemetry;
  readonly action: 'alert' | 'suspend';
  /** Milliseconds. */
  readonly suspendMs: number;
  readonly mode: 'dry-run' | 'enforce';
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

/** Notices about one key belong to one incident while no longer than this passes between them. */
const INCIDENT_MS = 86_400_000;
/** Places of one key that one notice is told of; the rest changes nothing. */
const MOST_PLACES = 20;

interface Known {
  readonly key: string;
  readonly keyKind: KeyKind;
  readonly row: KeyFacts | undefined;
}

/**
 * Carries out a notice whose sender is proved. Answers, find by find, whether the key is known. Every find of a key at a place
 * counts once, durably: a notice that is sent again does nothing. Rejects where something could not be made durable: sent again it
 * goes on, with the same ids. Raw tokens are hashed at once and go no further.
 */
export async function takeNotice(
  desk: LeakDesk,
  sender: LeakSender,
  /** Stands for the place where a find has none: what sets one notice apart from another. */
  noticeId: string,
  found: readonly Found[],
): Promise<readonly boolean[]> {
  const places = new Map<string, { readonly known: Known; readonly places: Set<string> }>();
  const answers = found.map(({ token, key, place }) => {
    const known = keyOf(desk, token, key);
    if (known === undefined) return false;
    const of = places.get(known.key) ?? { known, places: new Set() };
    places.set(known.key, of);
    of.places.add(place);
    return true;
  });
  desk.telemetry.found(sender, 'unknown', answers.filter((known) => !known).length);
  for (const of of places.values()) {
    const done = await carryOut(desk, sender, noticeId, of.known, [...of.places].sort());
    desk.telemetry.found(sender, done ? 'known' : 'repeated', 1);
  }
  return answers;
}

function keyOf(
  { hashes, inventory, knows }: LeakDesk,
  token: string | undefined,
  key: string | undefined,
): Known | undefined {
  const declared = inventory();
  for (const id of token === undefined ? [] : hashes(token)) {
    const row = declared.of(id);
    if (row !== undefined) return { key: row.key, keyKind: row.key === id ? 'hash' : 'credential', row };
    if (knows(id)) return { key: id, keyKind: 'hash', row: undefined };
  }
  if (key === undefined) return undefined;
  const row = declared.of(key);
  if (row?.key !== key && !knows(key)) return undefined;
  return { key, keyKind: 'credential', row: row?.key === key ? row : undefined };
}

const digest = (...parts: readonly string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** Answers whether there was anything new. */
async function carryOut(
  desk: LeakDesk,
  sender: LeakSender,
  noticeId: string,
  { key, keyKind, row }: Known,
  places: readonly string[],
): Promise<boolean> {
  const document = desk.incidentsOf(key)[0]?.document;
  const about = {
    key,
    keyKind,
    keyName: row?.name ?? document?.user?.name ?? '',
    tenant: row?.tenant ?? document?.organization?.id ?? '',
    tier: row?.tier ?? '',
    sender,
  };
  let anything = false;
  for (const place of places.slice(0, MOST_PLACES)) {
    const cause = place === '' ? noticeId : place;
    const call = { caller: 'leak', key: digest(key, cause), asked: '' };
    const answer = await desk.once(call, async () => {
      anything = true;
      await told(desk, { ...about, places: [place], cause, at: desk.now() });
      return { status: 200, body: {} };
    });
    if (answer === 'running') throw new Problem(503, 'The same notice is being carried out: send it again.');
  }
  return anything;
}

/** Recorded, told, asked for: in this order. */
async function told(desk: LeakDesk, leak: Leak): Promise<void> {
  const { audit, action, mode, tell, submit, suspendMs } = desk;
  const incident = incidentOf(desk, leak);
  const detail = { operation: 'leakNotice', sender: leak.sender, places: leak.places, action, incident: incident.id };
  await audit.record({ kind: 'api', by: `leak-notice:${leak.sender}`, subject: leak.key, detail });
  await tell([tellLeak(leak, incident, action, mode)]);
  if (action === 'suspend') await submit([leakRequest(leak, incident.id, suspendMs)], { lagging: false });
}

function incidentOf({ incidentsOf, now }: LeakDesk, leak: Leak): LeakIncident {
  const open = incidentsOf(leak.key).find(
    ({ document, updatedAt }) => document.rule?.name === LEAK_RULE && now() - updatedAt <= INCIDENT_MS,
  );
  if (open === undefined) return leakIncident(leak);
  const { event } = open.document;
  // Told before, and not kept: the same document again.
  const sequence = event.id === leakAlertId(leak) ? event.sequence : event.sequence + 1;
  return { id: open.id, sequence, startedAt: open.openedAt };
}
