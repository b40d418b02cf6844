import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { MOST_MUTED } from '../../domain/command';
import type { Facet } from '../../domain/evidence';
import { type Feedback, MOST_FEEDBACK, type StoredIncident } from '../../enforce/incidents';
import { accepted, type Desk } from './desk';
import { personOf, subjectOf } from './key-routes';
import type { giveFeedback } from './models';
import { Problem } from './problem';
import { type Caller, may } from './tokens';

type Said = z.output<typeof giveFeedback>;
type Benign = Extract<Said, { verdict: 'benign' }>;

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const milliseconds = (text: string): number => Number.parseInt(text, 10) * units[text.replace(/^\d+/, '')];

export interface FeedbackDesk {
  /** Answers the feedback and what it started. The same caller and idempotency key give the same feedback. */
  give(
    incidentId: string,
    said: Said,
    caller: Caller,
    idempotencyKey: string,
  ): Promise<{ readonly feedback: Feedback; readonly requests: readonly string[] }>;
  /** Takes it back; taken back once more nothing happens. */
  withdraw(incidentId: string, feedbackId: string, caller: Caller): Promise<Feedback>;
}

/**
 * Feedback is bounded: it mutes one facet that the incident has statistical evidence of, on this key alone, for at most
 * `muteMaxMs`, and no more than `MOST_MUTED` facets of a key at once. What people declared as a limit is never muted.
 */
export function createFeedbackDesk(desk: Desk): FeedbackDesk {
  const { incidents } = desk;

  function incidentOf(id: string): StoredIncident {
    const found = incidents.get(id);
    if (found === undefined) throw new Problem(404, 'There is no such incident, or it is no longer kept.');
    return found;
  }

  /** End of the mute. */
  function muteEnd({ key, document }: StoredIncident, said: Benign, id: string, now: number): number {
    const ms = said.for === undefined ? desk.muteMs : milliseconds(said.for);
    if (ms <= 0 || ms > desk.muteMaxMs)
      throw new Problem(422, 'A facet is muted for some time, and at most for api.muteMax.');
    const pieces = document.keywatch.evidence;
    if (!pieces.some(({ facet, kind }) => facet === said.facet && kind === 'statistical'))
      throw new Problem(422, 'The incident has no statistical evidence of this facet.');
    const others = [...incidents.mutesOf(key, now).values()].filter((one) => one.facet !== said.facet && one.id !== id);
    if (others.length >= MOST_MUTED)
      throw new Problem(409, `${MOST_MUTED} facets of this key are muted already: take one of them back first.`);
    return now + ms;
  }

  async function mute(key: string, facet: Facet, until: number, by: string): Promise<void> {
    if (facet !== 'limits') await desk.command({ type: 'mute', key, facet, until, by });
  }

  return {
    async give(incidentId, said, caller, idempotencyKey) {
      const incident = incidentOf(incidentId);
      if (said.verdict === 'theft' && said.suspend && !may(caller, 'responder'))
        throw new Problem(403, 'To suspend a key takes the role responder.');
      const now = desk.now();
      const by = personOf(caller.name);
      const id = createHash('sha256')
        .update(JSON.stringify(['feedback', caller.name, idempotencyKey, incidentId]))
        .digest('base64url')
        .slice(0, 22);
      const mutes =
        said.verdict === 'benign' ? { facet: said.facet, until: muteEnd(incident, said, id, now) } : undefined;
      if (incident.feedback.length >= MOST_FEEDBACK && !incident.feedback.some((one) => one.id === id))
        throw new Problem(409, `The incident has ${MOST_FEEDBACK} pieces of feedback, and takes no more.`);
      const { verdict, note } = said;
      const made: Feedback = { id, incidentId, key: incident.key, verdict, ...mutes, by, at: now, note };
      await desk.keepFeedback(made);
      // After a crash in between, the same call comes again and finds its feedback.
      const feedback = incidents.get(incidentId)?.feedback.find((one) => one.id === id) ?? made;
      if (mutes !== undefined) await mute(incident.key, mutes.facet, feedback.until ?? mutes.until, by);
      if (said.verdict !== 'theft' || !said.suspend) return { feedback, requests: [] };
      const result = await desk.control.suspend({
        ...subjectOf(desk, incident.key),
        key: incident.key,
        incidentId,
        alertId: incident.document.event.id,
        by,
        reason: said.note ?? 'A person confirmed the theft.',
        durationMs: said.for,
        idempotency: idempotencyKey,
      });
      return { feedback, requests: accepted(result) };
    },
    async withdraw(incidentId, feedbackId, caller) {
      const incident = incidentOf(incidentId);
      const known = incident.feedback.find(({ id }) => id === feedbackId);
      if (known === undefined) throw new Problem(404, 'There is no such feedback on this incident.');
      const now = desk.now();
      const by = personOf(caller.name);
      const withdrawn: Feedback = { ...known, withdrawn: known.withdrawn ?? { at: now, by } };
      await desk.keepFeedback(withdrawn);
      const { key, facet } = known;
      if (facet === undefined || facet === 'limits') return withdrawn;
      // Another feedback may ask for the same silence.
      const left = incidents.mutesOf(key, now).get(facet);
      if (left?.until === undefined) await desk.command({ type: 'unmute', key, facet, by });
      else await mute(key, facet, left.until, left.by);
      return withdrawn;
    },
  };
}
