import type { ListPlace } from '../../enforce/incidents';
import { cursorOf, type Desk, defined, isoOr, placeOf } from './desk';
import { createFeedbackDesk } from './feedback';
import { personOf } from './key-routes';
import { feedbackBody, incidentBody } from './listing';
import * as models from './models';
import { Problem } from './problem';
import { type Route, route } from './route';

const place = (value: unknown): ListPlace | undefined => {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [openedAt, id] = value;
  return Number.isSafeInteger(openedAt) && typeof id === 'string' ? { openedAt, id } : undefined;
};

export function incidentRoutes(desk: Desk): readonly Route[] {
  const { incidents, control } = desk;
  const feedback = createFeedbackDesk(desk);
  return [
    route({
      method: 'GET',
      path: '/v1/incidents',
      operation: 'listIncidents',
      summary: 'Incidents, the newest first.',
      role: 'viewer',
      query: models.incidentsQuery,
      status: 200,
      answer: models.incidents,
      problems: [],
      async run({ query: { limit, cursor, ...filter } }) {
        const found = incidents.list(filter, limit + 1, cursor === undefined ? undefined : placeOf(cursor, place));
        const shown = found.slice(0, limit);
        const last = shown.at(-1);
        const more = found.length > limit && last !== undefined;
        return defined({
          incidents: shown.map(incidentBody),
          next: more ? cursorOf([last.openedAt, last.id]) : undefined,
        });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/incidents/{id}',
      operation: 'getIncident',
      summary: 'One incident with its newest document.',
      role: 'viewer',
      params: models.incidentPath,
      status: 200,
      answer: models.incidentInFull,
      problems: [404],
      async run({ params: { id } }) {
        const found = incidents.get(id);
        if (found === undefined) throw new Problem(404, 'There is no such incident, or it is no longer kept.');
        return { ...incidentBody(found), document: found.document };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/incidents/{id}/feedback',
      operation: 'giveFeedback',
      summary: 'Say what an incident was: benign mutes one facet of the key for a time, theft confirms it.',
      role: 'analyst',
      params: models.incidentPath,
      body: models.giveFeedback,
      status: 201,
      answer: models.feedbackGiven,
      problems: [404, 409, 422],
      told: ({ params, body }) => ({
        subject: incidents.get(params.id)?.key ?? '',
        detail: {
          incident: params.id,
          verdict: body.verdict,
          note: body.note,
          ...(body.verdict === 'benign' ? { facet: body.facet, for: body.for } : { suspend: body.suspend }),
        },
      }),
      async run({ params: { id }, body, caller, idempotencyKey }) {
        const said = await feedback.give(id, body, caller, idempotencyKey);
        return { feedback: feedbackBody(said.feedback), requests: said.requests };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/incidents/{id}/feedback/{feedback}',
      operation: 'withdrawFeedback',
      summary: 'Take feedback back; what it muted is heard again.',
      role: 'analyst',
      params: models.feedbackPath,
      status: 200,
      answer: models.feedback,
      problems: [404],
      told: ({ params }) => ({
        subject: incidents.get(params.id)?.key ?? '',
        detail: { incident: params.id, feedback: params.feedback },
      }),
      run: async ({ params, caller }) => feedbackBody(await feedback.withdraw(params.id, params.feedback, caller)),
    }),
    route({
      method: 'GET',
      path: '/v1/breaker',
      operation: 'getBreaker',
      summary: 'The circuit breakers: the fleet’s, and those of tenants that are open.',
      role: 'viewer',
      status: 200,
      answer: models.breakers,
      problems: [],
      run: async () => breakersBody(),
    }),
    route({
      method: 'POST',
      path: '/v1/breaker/reset',
      operation: 'resetBreaker',
      summary: 'Close the circuit breakers, or the one of a tenant.',
      role: 'responder',
      body: models.resetBreaker,
      status: 200,
      answer: models.breakers,
      problems: [],
      told: ({ body }) => ({ subject: '', detail: { tenant: body.tenant } }),
      async run({ body, caller }) {
        await control.resetBreaker(personOf(caller.name), body.tenant);
        return breakersBody();
      },
    }),
  ];

  function breakersBody() {
    return {
      breakers: control
        .breaker()
        .map(({ open, tenant, rail, since }) => defined({ open, tenant, rail, since: isoOr(since) })),
    };
  }
}
