import type { KeyFacts } from '../../domain/inventory';
import { accepted, cursorOf, type Desk, defined, iso, isoOr, placeOf } from './desk';
import { incidentBody, standingBody } from './listing';
import * as models from './models';
import { type Route, route } from './route';

/** Incidents of a key that are shown with it. */
const SHOWN = 20;
/** Keys with a standing that a list looks at, the newest changes first. */
const MOST_STANDINGS = 20_000;

export function keyRoutes(desk: Desk): readonly Route[] {
  const { control, incidents } = desk;

  function rowOf(id: string) {
    const all = incidents.ofKey(id);
    const declared = desk.inventory().of(id);
    const document = all[0]?.document;
    return {
      id,
      name: document?.user?.name ?? declared?.name ?? id,
      tenant: document?.organization?.id ?? declared?.tenant ?? '',
      standing: standingBody(control.standing(id)),
      open_incidents: all.filter(({ state }) => state === 'open').length,
    };
  }

  const about = (id: string) => ({ ...subjectOf(desk, id), key: id });
  const after = (cursor: string) => placeOf(cursor, (value) => (typeof value === 'string' ? value : undefined));

  return [
    route({
      method: 'GET',
      path: '/v1/keys',
      operation: 'listKeys',
      summary: 'Keys that have an incident or a standing other than quiet, by id.',
      role: 'viewer',
      query: models.keysQuery,
      status: 200,
      answer: models.keys,
      problems: [],
      async run({ query: { state, tenant, open, limit, cursor } }) {
        const from = cursor === undefined ? undefined : after(cursor);
        const ids = new Set([...control.standings(MOST_STANDINGS).map(({ key }) => key), ...incidents.keys()]);
        const found = [];
        for (const id of [...ids].sort()) {
          if (from !== undefined && id <= from) continue;
          const row = rowOf(id);
          if (state !== undefined && row.standing.state !== state) continue;
          if (tenant !== undefined && row.tenant !== tenant) continue;
          if (open !== undefined && row.open_incidents > 0 !== (open === 'true')) continue;
          found.push(row);
          if (found.length > limit) break;
        }
        const shown = found.slice(0, limit);
        return defined({ keys: shown, next: found.length > limit ? cursorOf(shown[limit - 1].id) : undefined });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/keys/{id}',
      operation: 'getKey',
      summary:
        'One key: its standing, incidents, mutes, past and declaration. A key that nothing is known of is quiet.',
      role: 'viewer',
      params: models.keyPath,
      status: 200,
      answer: models.keyInFull,
      problems: [],
      async run({ params: { id } }) {
        const all = incidents.ofKey(id);
        const declared = desk.inventory().of(id);
        const mutes = [...incidents.mutesOf(id, desk.now()).values()];
        return defined({
          ...rowOf(id),
          incidents: all.slice(0, SHOWN).map(incidentBody),
          mutes: mutes.map(({ facet, until, by, id: feedback }) => ({
            facet,
            until: isoOr(until),
            by,
            feedback_id: feedback,
          })),
          baseline: all.find(({ document }) => document.keywatch.baseline)?.document.keywatch.baseline,
          declared: declared && declaredBody(declared),
        });
      },
    }),
    route({
      method: 'POST',
      path: '/v1/keys/{id}/suspend',
      operation: 'suspendKey',
      summary: 'Suspend a key, or limit, step up or revoke it, in the name of a person.',
      role: 'responder',
      params: models.keyPath,
      body: models.suspend,
      status: 202,
      answer: models.acted,
      problems: [409],
      told: ({ params, body }) => ({
        subject: params.id,
        detail: { action: body.action, forMs: body.for, force: body.force, reason: body.reason },
      }),
      async run({ params: { id }, body, caller, idempotencyKey }) {
        const incident = body.incident ?? incidents.ofKey(id).find(({ state }) => state === 'open')?.id;
        const result = await control.suspend({
          ...about(id),
          ...(incident === undefined ? {} : { incidentId: incident }),
          by: personOf(caller.name),
          reason: body.reason,
          durationMs: body.for,
          action: body.action,
          force: body.force,
          idempotency: idempotencyKey,
        });
        return { key: id, requests: accepted(result), standing: standingBody(control.standing(id)) };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/keys/{id}/release',
      operation: 'releaseKey',
      summary: 'End what keywatch did to a key. What was decided before is not done again.',
      role: 'responder',
      params: models.keyPath,
      body: models.release,
      status: 202,
      answer: models.acted,
      problems: [409],
      told: ({ params, body }) => ({ subject: params.id, detail: { reason: body.reason } }),
      async run({ params: { id }, body, caller }) {
        const result = await control.release({ key: id, by: personOf(caller.name), reason: body.reason });
        return { key: id, requests: accepted(result), standing: standingBody(control.standing(id)) };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/keys/{id}/expect',
      operation: 'expectChange',
      summary: 'Declare that the use of a key is about to change: it is learned, and not alerted.',
      role: 'analyst',
      params: models.keyPath,
      body: models.expectChange,
      status: 202,
      answer: models.expected,
      problems: [],
      told: ({ params, body }) => ({ subject: params.id, detail: { facets: body.facets, forMs: body.for } }),
      async run({ params: { id }, body, caller }) {
        const until = desk.now() + body.for;
        await desk.command({ type: 'expect', key: id, facets: body.facets, until, by: personOf(caller.name) });
        return { key: id, facets: body.facets, until: iso(until) };
      },
    }),
  ];
}

/** How a token is named where people are: in requests, notices, mutes and the audit log. */
export const personOf = (token: string): string => `api:${token}`;

/** What a request about the key says of it, from its newest incident or the inventory. */
export function subjectOf(desk: Desk, id: string) {
  const document = desk.incidents.ofKey(id)[0]?.document;
  const declared = desk.inventory().of(id);
  return defined({
    keyName: document?.user?.name ?? declared?.name,
    tenant: document?.organization?.id ?? declared?.tenant,
    tier: declared?.tier,
  });
}

function declaredBody({ created, rotated, expires, secretHash: _, ...rest }: KeyFacts) {
  return defined({ ...rest, created: isoOr(created), rotated: isoOr(rotated), expires: isoOr(expires) });
}
