import { type OwnerAnswer, tellOwner } from '../../decide/owner-notice';
import type { AlertDocument } from '../../domain/alert';
import { mutable } from '../../domain/command';
import type { StoredIncident } from '../../enforce/incidents';
import type { Desk } from '../api/desk';
import { createFeedbackDesk } from '../api/feedback';
import { subjectOf } from '../api/key-routes';
import { Problem } from '../api/problem';
import type { OwnerLink } from './links';

/** What answers of owners work on. */
export interface OwnerDesk {
  readonly desk: Desk;
  /** Resolves when the documents are durable. */
  readonly tell: (documents: readonly AlertDocument[]) => Promise<void>;
  readonly mode: 'dry-run' | 'enforce';
  /** Milliseconds. */
  readonly suspendMs: number;
  readonly mayRelease: boolean;
}

/** Named where people are named. No account stands behind it, only who can read the owner's mail. */
export const OWNER = 'owner-link';

/** The incident that a link is about; the newest of its key where it names none. */
export const incidentOf = ({ incidents }: Desk, { key, incident }: OwnerLink): StoredIncident | undefined => {
  const found = incident === '' ? incidents.ofKey(key)[0] : incidents.get(incident);
  return found?.key === key ? found : undefined;
};

/**
 * Does what a link says; its caller sees to it that it is done once. Recorded before, told after. Answers in words what came
 * of it. Rejects where it could not be recorded or carried out: nothing was done, or the same can be done again.
 */
export async function carryOut(owner: OwnerDesk, link: OwnerLink): Promise<string> {
  const { desk, tell, mode } = owner;
  const { action, key, id } = link;
  const incident = incidentOf(desk, link)?.id;
  await desk.audit.record({
    kind: 'feedback',
    by: OWNER,
    subject: key,
    detail: { operation: action, incident, link: id },
  });
  const result = action === 'suspend-now' ? await suspend(owner, link) : await thisWasMe(owner, link);
  const answer: OwnerAnswer = { action, key, linkId: id, result, at: desk.now() };
  await tell([tellOwner(answer, mode)]);
  return result;
}

async function suspend({ desk, suspendMs }: OwnerDesk, link: OwnerLink): Promise<string> {
  const document = incidentOf(desk, link)?.document;
  const about = document?.keywatch.incident && {
    incidentId: document.keywatch.incident.id,
    alertId: document.event.id,
  };
  const result = await desk.control.suspend({
    ...subjectOf(desk, link.key),
    key: link.key,
    by: OWNER,
    reason: 'The owner says that it was not them.',
    durationMs: suspendMs,
    ...about,
    idempotency: link.id,
  });
  return result.ok ? 'the key is being suspended' : `the key was not suspended, held by the rail ${result.rail}`;
}

/** Bounded as an analyst's feedback is. Takes back nothing that a person did. */
async function thisWasMe(owner: OwnerDesk, link: OwnerLink): Promise<string> {
  const { desk, mayRelease } = owner;
  const muted = await mute(desk, link);
  const { state, by, action } = desk.control.standing(link.key);
  if (state !== 'suspended' || action !== 'suspend') return muted;
  if (!mayRelease || by !== undefined) return `${muted}; the key stays suspended until the security team releases it`;
  const released = await desk.control.release({ key: link.key, by: OWNER, reason: 'The owner says that it was them.' });
  return released.ok ? `${muted}; the key is being released` : muted;
}

async function mute(desk: Desk, link: OwnerLink): Promise<string> {
  const recorded = 'the answer was recorded';
  const incident = incidentOf(desk, link);
  const pieces = (incident?.document.keywatch.evidence ?? [])
    .filter(({ kind, muted }) => kind === 'statistical' && muted !== true)
    .sort((a, b) => b.surprise - a.surprise);
  const facet = mutable.find((one) => one === pieces[0]?.facet);
  if (incident === undefined || facet === undefined) return recorded;
  try {
    const said = { verdict: 'benign', facet, note: 'said by the owner' } as const;
    const { feedback } = await createFeedbackDesk(desk).give(
      incident.id,
      said,
      { name: OWNER, role: 'analyst' },
      link.id,
    );
    return `${recorded}; evidence of ${facet} counts for nothing until ${new Date(feedback.until ?? 0).toISOString()}`;
  } catch (error) {
    // As many facets are muted as may be, or the incident takes no more feedback.
    if (error instanceof Problem) return recorded;
    throw error;
  }
}
