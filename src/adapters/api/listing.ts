import type { Standing } from '../../domain/standing';
import type { Feedback, Incidents, StoredIncident } from '../../enforce/incidents';
import { defined, iso, isoOr } from './desk';

/** The part of the incident store that is read. */
export type IncidentListing = Pick<Incidents, 'get' | 'ofKey' | 'keys' | 'list' | 'mutesOf'>;

export const standingBody = ({
  state,
  since,
  until,
  incidentId,
  action,
  requestId,
  stage,
  rail,
  by,
  strikes,
}: Standing) =>
  defined({
    state,
    since: isoOr(since),
    until: isoOr(until),
    incident_id: incidentId,
    action,
    request_id: requestId,
    stage,
    rail,
    by,
    strikes,
  });

export const feedbackBody = ({ id, verdict, facet, until, by, at, note, withdrawn }: Feedback) =>
  defined({
    id,
    verdict,
    facet,
    until: isoOr(until),
    by,
    at: iso(at),
    note,
    withdrawn: withdrawn && { at: iso(withdrawn.at), by: withdrawn.by },
  });

export const incidentBody = ({ id, key, state, openedAt, updatedAt, document, feedback }: StoredIncident) => ({
  id,
  key,
  state,
  opened: iso(openedAt),
  updated: iso(updatedAt),
  severity: document.event.severity,
  risk: document.event.risk_score,
  title: document.message,
  reason: document.event.reason,
  feedback: feedback.map(feedbackBody),
});
