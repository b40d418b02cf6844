import type { Outcome } from '../../domain/action';
import { Incidents, type StoredIncident } from '../../enforce/incidents';
import type { LogEntry } from '../../engine';
import type { ReportOptions } from '../../options';
import { createEngine } from '../core';
import { decidingModels } from '../models';
import type { Past } from './past';

/** Incidents kept of a replay: beyond, the one that was updated longest ago goes first, closed ones before open ones. */
const MOST = 20_000;

/** What is known of incidents on one key, the one that was asked for first. */
export interface Found {
  readonly key: string;
  readonly incidents: readonly StoredIncident[];
  /** From the state directory, or found by judging the log once more. */
  readonly by: 'state' | 'replay';
}

/**
 * The incidents of an incident id or key id: of the state directory or, where it knows none, of a replay of the log. No
 * incident is an answer too: then the subject counts as a key id.
 */
export async function findIncidents(subject: string, past: Past, options: ReportOptions): Promise<Found> {
  const stored = among(await past.incidents(), subject);
  if (stored !== undefined) return { ...stored, by: 'state' };
  const where = options.config === undefined ? 'without a configuration' : 'no such incident in the state directory';
  options.terminal.err.write(`keywatch: ${where}: the log is judged once more\n`);
  const replayed = among(await replay(past, options), subject);
  return { ...(replayed ?? { key: subject, incidents: [] }), by: 'replay' };
}

function among(incidents: Incidents, subject: string): Omit<Found, 'by'> | undefined {
  const named = incidents.get(subject);
  const key = named?.key ?? subject;
  const ofKey = [...incidents.ofKey(key)].sort(
    (a, b) => b.document.event.risk_score - a.document.event.risk_score || b.openedAt - a.openedAt,
  );
  if (ofKey.length === 0) return undefined;
  return { key, incidents: named === undefined ? ofKey : [named, ...ofKey.filter(({ id }) => id !== named.id)] };
}

async function replay(
  { config, declared, conceal, pass, present }: Past,
  { terminal }: ReportOptions,
): Promise<Incidents> {
  const model = decidingModels(config.detect, (line) => terminal.err.write(`keywatch: ${line}\n`));
  const engine = createEngine(config, 0, model);
  const incidents = new Incidents({ most: MOST, keepMs: Number.POSITIVE_INFINITY });
  const note = ({ alerts }: ReturnType<typeof engine.advance>) => {
    for (const document of alerts) incidents.note({ kind: 'document', document });
  };
  engine.advance(declared);
  let offset = 0;
  await pass((events) => {
    const entries = events
      .filter(({ ts }) => ts <= present)
      .map((event): LogEntry => ({ kind: 'event', offset: offset++, event: conceal(event), timestamp: undefined }));
    note(engine.advance(entries));
  });
  note(engine.advance([{ kind: 'tick', ts: engine.watermark }]));
  return incidents;
}

/** One line of what Enforce did with the key. */
export interface Acted {
  readonly at: number;
  readonly action: string;
  readonly state: string;
  readonly by: string;
}

/** Outcomes of requests on the key, in the ledger's order. */
export function actedOn(key: ReadonlySet<string>, ledger: readonly Outcome[]): readonly Acted[] {
  const requests = new Map<string, string>();
  const acted: Acted[] = [];
  for (const { requestId, request, state, at, by } of ledger) {
    if (request !== undefined && key.has(request.key)) requests.set(requestId, request.action);
    const action = requests.get(requestId);
    if (action !== undefined) acted.push({ at, action, state, by: by ?? '' });
  }
  return acted;
}

/** When the last suspension (or the revocation) that was delivered began; undefined where there is none. */
export function stoppedAt(acted: readonly Acted[]): number | undefined {
  const stops = acted.filter(
    ({ action, state }) => (action === 'suspend' || action === 'revoke') && state === 'delivered',
  );
  return stops[stops.length - 1]?.at;
}
