import type { StoredIncident } from '../../enforce/incidents';
import { OperatorError, type ReportOptions } from '../../options';
import { createCase } from '../../report/case';
import { clientsLeft, lineOf, moveOf } from '../../report/moves';
import { actedOn, findIncidents, stoppedAt } from './find';
import { type CaseFile, incidentPage } from './incident-page';
import { openPast } from './past';
import { writeReport } from './write';

/** `keywatch report incident`. Throws OperatorError where the log holds no request of the key. */
export async function reportIncident(options: ReportOptions): Promise<void> {
  const past = await openPast(options);
  const found = await findIncidents(options.subject ?? '', past, options);
  const line = lineOf(found.key, past.inventory);
  const acted = actedOn(line.key, await past.ledger());
  const suspected = found.incidents.filter((incident) => !harmless(incident));
  const suspects = new Set(suspected.flatMap(({ document }) => document.keywatch.actor ?? []));
  const [incident] = found.incidents;
  const since = options.since ?? stoppedAt(acted) ?? incident?.openedAt;
  const gathered = createCase({ ...line, suspects, since });
  await past.pass((events) => {
    for (const event of events) if (event.ts <= past.present) gathered.see(past.conceal(event));
  });
  const what = gathered.result();
  if (what.key.requests === 0) {
    throw new OperatorError(
      `${JSON.stringify(options.subject)} is no incident that is known, and the log holds no request of such a key`,
    );
  }
  const file: CaseFile = {
    ...found,
    incident,
    facts: past.inventory.of(found.key),
    acted,
    since,
    sinceIs: sinceIs(options, stoppedAt(acted), incident),
    case: what,
    successors: [...line.successors],
    left: clientsLeft(what).length,
  };
  await writeReport(incidentPage(file), dataOf(file), options);
}

/** A person said so last. */
function harmless({ feedback }: StoredIncident): boolean {
  const said = feedback.filter(({ withdrawn }) => withdrawn === undefined);
  return said[said.length - 1]?.verdict === 'benign';
}

function sinceIs(
  { since }: ReportOptions,
  stopped: number | undefined,
  incident: StoredIncident | undefined,
): CaseFile['sinceIs'] {
  if (since !== undefined) return 'given';
  if (stopped !== undefined) return 'suspension';
  return incident === undefined ? undefined : 'incident';
}

function dataOf(file: CaseFile): object {
  const { key, by, incident, incidents, facts, acted, since, successors, left } = file;
  const { clients, routes, touched, hours, otherKeys, beyond, until, from } = file.case;
  return {
    key,
    facts,
    by,
    incident: incident?.document,
    incidents: incidents.map(({ id, state, document }) => ({
      id,
      state,
      risk: document.event.risk_score,
      actor: document.keywatch.actor,
    })),
    since: since && new Date(since).toISOString(),
    sinceIs: file.sinceIs,
    log: { from, until },
    used: file.case.key,
    clients: clients.map(({ countries, ...client }) => ({
      ...client,
      countries: [...countries],
      move: client.suspect || since === undefined ? undefined : moveOf(client, until),
    })),
    left,
    successors,
    touched,
    routes,
    hours,
    otherKeys: [...otherKeys].map(([id, traffic]) => ({ key: id, ...traffic })),
    actions: acted,
    beyond,
  };
}
