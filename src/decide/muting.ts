import type { BaselineSummary } from '../domain/baseline';
import type { Mute } from '../domain/command';
import type { Evidence } from '../domain/evidence';
import type { ClientUse } from '../domain/use';
import type { Incident } from './incident';

/** What is known of keys besides their incidents, at an event time in milliseconds. */
export interface KeyNotes {
  /** Mutes in force. */
  mutes(key: string, ts: number): readonly Mute[];
  /** The key's past; undefined for a key without one. Costs some microseconds: for documents only. */
  baseline(key: string, ts: number): BaselineSummary | undefined;
  /** Who still uses the key that was stopped for this incident. */
  stillUsed(key: string, incidentId: string): readonly ClientUse[];
}

export const noNotes: KeyNotes = { mutes: () => [], baseline: () => undefined, stillUsed: () => [] };

/** Whether a piece of evidence counts for nothing while these facets are muted. A broken rule always counts. */
export const isMuted = ({ kind, facet }: Evidence, muted: readonly string[] | undefined): boolean =>
  muted !== undefined && kind !== 'rule' && muted.includes(facet);

/** The evidence that counts. */
export function heard({ evidence, muted }: Pick<Incident, 'evidence' | 'muted'>): readonly Evidence[] {
  return muted === undefined ? evidence : evidence.filter((piece) => !isMuted(piece, muted));
}

/** Takes over which facets are muted now. Answers whether that has changed. */
export function listen(incident: Incident, mutes: readonly Mute[]): boolean {
  const before = incident.muted;
  if (mutes.length === 0) incident.muted = undefined;
  else incident.muted = mutes.map(({ facet }) => facet);
  return (before ?? []).join() !== (incident.muted ?? []).join();
}
