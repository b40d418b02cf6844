import type { ActionRequest } from '../../domain/action';
import type { AlertDocument, Severity } from '../../domain/alert';

/** All that the documents of one incident say, as the report shows it. */
export interface ReportedIncident {
  readonly id: string;
  /** The document of the highest risk; the latest of equals, because it knows the most. */
  readonly worst: AlertDocument;
  /** The latest document: how long, how many requests. */
  readonly last: AlertDocument;
  readonly severity: Severity;
  readonly risk: number;
  readonly requests: readonly ActionRequest[];
}

/**
 * Joins the documents of each incident and ranks by risk, then by time. Documents without a key (notices about keywatch
 * itself) are left out; one without an incident stands for itself.
 */
export function incidentsOf(
  alerts: readonly AlertDocument[],
  requests: readonly ActionRequest[],
): readonly ReportedIncident[] {
  const documents = new Map<string, AlertDocument[]>();
  for (const alert of alerts) {
    if (alert.user === undefined) continue;
    const id = alert.keywatch.incident?.id ?? alert.event.id;
    const list = documents.get(id);
    if (list === undefined) documents.set(id, [alert]);
    else list.push(alert);
  }
  const asked = new Map<string, ActionRequest[]>();
  for (const request of requests) {
    const list = asked.get(request.incidentId);
    if (list === undefined) asked.set(request.incidentId, [request]);
    else list.push(request);
  }
  return [...documents]
    .map(([id, list]): ReportedIncident => {
      const ordered = list.toSorted((a, b) => a.event.sequence - b.event.sequence);
      const worst = ordered.reduce((most, d) => (d.event.risk_score >= most.event.risk_score ? d : most));
      return {
        id,
        worst,
        last: ordered.at(-1)!,
        severity: worst.event.severity,
        risk: worst.event.risk_score,
        requests: asked.get(id) ?? [],
      };
    })
    .toSorted((a, b) => b.risk - a.risk || (a.worst['@timestamp'] < b.worst['@timestamp'] ? -1 : 1));
}
