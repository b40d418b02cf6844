import { z } from 'zod';
import { duration } from '../../config/values';
import { keyActions, rails } from '../../domain/action';
import { alertDocument } from '../../domain/alert';
import { baselineSummary } from '../../domain/baseline';
import { expectable, mutable } from '../../domain/command';
import { type Facet, facets } from '../../domain/evidence';
import { keyFacts } from '../../domain/inventory';
import { actionStages, standingStates } from '../../domain/standing';

/** What goes in and out of the API. Everything that comes in is strict and bounded. */

/** Longest time for which anything may be asked. */
const LONGEST = 30 * 86_400_000;
const time = z.iso.datetime();
const span = (fallback: string) =>
  duration(fallback).refine((ms) => ms > 0 && ms <= LONGEST, 'expected more than nothing and at most 30d');
const note = (most: number) => z.string().trim().min(1).max(most);

export const keyPath = z.strictObject({
  id: z.string().min(1).max(1_024).describe('Key id as alerts have it in user.id, percent-encoded.'),
});
export const incidentPath = z.strictObject({ id: z.string().min(1).max(128) });
export const feedbackPath = z.strictObject({ id: z.string().min(1).max(128), feedback: z.string().min(1).max(128) });

const page = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(2_048).optional().describe('`next` of the page before.'),
};
const tenant = z.string().min(1).max(256).optional();

export const keysQuery = z.strictObject({
  state: z.enum(standingStates).optional(),
  tenant,
  open: z.enum(['true', 'false']).optional().describe('Only keys with an open incident, or only those without.'),
  ...page,
});
export const incidentsQuery = z.strictObject({
  key: z.string().min(1).max(1_024).optional(),
  state: z.enum(['open', 'closed']).optional(),
  tenant,
  severity: z.coerce.number().int().min(0).max(99).optional().describe('Least severity.'),
  ...page,
});

export const standing = z.object({
  state: z.enum(standingStates),
  since: time.optional(),
  until: time.optional(),
  incident_id: z.string().optional(),
  action: z.enum(keyActions).optional(),
  request_id: z.string().optional(),
  stage: z.enum(actionStages).optional(),
  rail: z.enum(rails).optional(),
  by: z.string().optional(),
  strikes: z.number().int().min(0),
});

export const feedback = z.object({
  id: z.string(),
  verdict: z.enum(['benign', 'theft']),
  facet: z.enum(facets).optional(),
  until: time.optional(),
  by: z.string(),
  at: time,
  note: z.string().optional(),
  withdrawn: z.object({ at: time, by: z.string() }).optional(),
});

export const incident = z.object({
  id: z.string(),
  key: z.string(),
  state: z.enum(['open', 'closed']),
  opened: time,
  updated: time,
  severity: z.number().int(),
  risk: z.number(),
  title: z.string(),
  reason: z.string(),
  feedback: z.array(feedback),
});
export const incidents = z.object({ incidents: z.array(incident), next: z.string().optional() });
export const incidentInFull = incident.extend({ document: alertDocument.describe('The newest document.') });

export const keyRow = z.object({
  id: z.string(),
  name: z.string(),
  tenant: z.string(),
  standing,
  open_incidents: z.number().int().min(0),
});
export const keys = z.object({ keys: z.array(keyRow), next: z.string().optional() });

const declared = z
  .object({ created: time, rotated: time, expires: time })
  .partial()
  .extend(keyFacts.omit({ created: true, rotated: true, expires: true, secretHash: true }).shape);

export const keyInFull = keyRow.extend({
  incidents: z.array(incident).describe('The newest first, at most 20.'),
  mutes: z.array(z.object({ facet: z.enum(facets), until: time, by: z.string(), feedback_id: z.string() })),
  baseline: baselineSummary.optional().describe('As the newest document of an incident of this key had it.'),
  declared: declared.optional().describe('The row of the inventory.'),
});

export const breakers = z.object({
  breakers: z.array(
    z.object({
      open: z.boolean(),
      tenant: z.string().optional().describe('Absent: of the fleet.'),
      rail: z.enum(rails).optional(),
      since: time.optional(),
    }),
  ),
});

export const suspend = z.strictObject({
  reason: note(500).describe('Goes to the receiver, the notice and the audit log.'),
  for: span('1h').describe('A duration such as 90s, 15m, 1h or 7d; at most 30d.'),
  action: z.enum(keyActions).default('suspend'),
  force: z.boolean().default(false).describe('Also where the key is protected.'),
  incident: z.string().min(1).max(128).optional(),
});
export const release = z.strictObject({ reason: note(500) });
export const acted = z.object({ key: z.string(), requests: z.array(z.string()), standing });

export const expectChange = z.strictObject({
  facets: z
    .array(z.enum(expectable as [Facet, ...Facet[]]))
    .min(1)
    .max(facets.length)
    .default(['actor', 'geography', 'client']),
  for: span('1d').describe('A duration such as 12h or 7d; at most 30d.'),
});
export const expected = z.object({ key: z.string(), facets: z.array(z.enum(facets)), until: time });

export const resetBreaker = z.strictObject({ tenant: tenant.describe('Whose; without it all are closed.') });

export const giveFeedback = z.discriminatedUnion('verdict', [
  z.strictObject({
    verdict: z.literal('benign'),
    facet: z.enum(mutable).describe('One that the incident has statistical evidence of.'),
    for: z
      .string()
      .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'expected a duration such as 12h or 7d')
      .optional()
      .describe('How long it is muted; by default `api.mute`, at most `api.muteMax`.'),
    note: note(500).optional(),
  }),
  z.strictObject({
    verdict: z.literal('theft'),
    suspend: z.boolean().default(false).describe('Also suspends the key; asks for the role of a responder.'),
    for: span('1h').describe('How long, where it is suspended.'),
    note: note(500).optional(),
  }),
]);
export const feedbackGiven = z.object({ feedback, requests: z.array(z.string()) });

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    rail: z.enum(rails).optional().describe('The safety rail that held an action.'),
    faults: z.array(z.object({ at: z.string(), expected: z.string() })).optional(),
  })
  .describe('RFC 9457.');
