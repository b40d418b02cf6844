import type { AlertDocument } from '../domain/alert';
import type { Facet } from '../domain/evidence';

/** What a person said of an incident. `benign` mutes one facet of the key until a time; `theft` confirms. */
export interface Feedback {
  /** Derived from who said it and his idempotency key: said again, it is the same one. */
  readonly id: string;
  readonly incidentId: string;
  readonly key: string;
  readonly verdict: 'benign' | 'theft';
  /** Of `benign` alone. */
  readonly facet?: Facet | undefined;
  /** End of the mute, milliseconds. */
  readonly until?: number | undefined;
  readonly by: string;
  /** Wall clock, milliseconds. */
  readonly at: number;
  readonly note?: string | undefined;
  /** When and by whom it was taken back. */
  readonly withdrawn?: { readonly at: number; readonly by: string } | undefined;
}

/** An incident as far as its documents told of it. Times in milliseconds; those of documents are event time. */
export interface StoredIncident {
  readonly id: string;
  readonly key: string;
  readonly openedAt: number;
  readonly updatedAt: number;
  readonly state: 'open' | 'closed';
  /** The newest document. */
  readonly document: AlertDocument;
  readonly feedback: readonly Feedback[];
}

/** What the store is told, in order: the lines of its file. */
export type IncidentNote =
  | { readonly kind: 'document'; readonly document: AlertDocument }
  | { readonly kind: 'feedback'; readonly feedback: Feedback };

export interface IncidentLimits {
  /** Incidents kept: beyond, the one that was updated longest ago goes first, closed ones before open ones. */
  readonly most: number;
  /** How long a closed incident is kept after its last document, milliseconds of event time. */
  readonly keepMs: number;
}

/** Feedback kept of one incident; further ones are not taken. */
export const MOST_FEEDBACK = 50;

export interface IncidentFilter {
  readonly key?: string | undefined;
  readonly state?: 'open' | 'closed' | undefined;
  readonly tenant?: string | undefined;
  /** Least severity. */
  readonly severity?: number | undefined;
}

/** A place in the list from the newest to the oldest: it stays right while incidents come and go. */
export interface ListPlace {
  readonly openedAt: number;
  readonly id: string;
}

/**
 * The incidents of all partitions, built from the documents that pass by. A note that comes again changes nothing, and an
 * older document of an incident does not replace a newer one. Bounded by `limits`.
 */
export class Incidents {
  /** In the order of their last document, the longest untouched first. */
  private readonly byId = new Map<string, StoredIncident>();
  private readonly byKey = new Map<string, Set<string>>();
  private newest = Number.NEGATIVE_INFINITY;

  constructor(private readonly limits: IncidentLimits) {}

  get size(): number {
    return this.byId.size;
  }

  get(id: string): StoredIncident | undefined {
    return this.byId.get(id);
  }

  /** Answers whether the note says anything new: only then it needs to be kept. */
  note(note: IncidentNote): boolean {
    return note.kind === 'document' ? this.noteDocument(note.document) : this.noteFeedback(note.feedback);
  }

  /** Of one key, the newest first. */
  ofKey(key: string): readonly StoredIncident[] {
    const ids = [...(this.byKey.get(key) ?? [])];
    return ids.map((id) => this.byId.get(id)!).sort(newestFirst);
  }

  /** Keys with an incident. */
  keys(): Iterable<string> {
    return this.byKey.keys();
  }

  /** The newest first: up to `most` after a place. */
  list(filter: IncidentFilter, most: number, after?: ListPlace): readonly StoredIncident[] {
    const of = filter.key === undefined ? [...this.byId.values()] : this.ofKey(filter.key);
    return of
      .filter((one) => fits(one, filter) && (after === undefined || newestFirst(after, one) < 0))
      .sort(newestFirst)
      .slice(0, most);
  }

  /** Mutes that feedback asked for and that are in force at `now`, by facet: the newest of each. */
  mutesOf(key: string, now: number): ReadonlyMap<Facet, Feedback> {
    const found = new Map<Facet, Feedback>();
    for (const { feedback } of this.ofKey(key)) {
      for (const one of feedback) {
        const { facet, until, withdrawn } = one;
        if (facet === undefined || until === undefined || until <= now || withdrawn !== undefined) continue;
        const known = found.get(facet);
        if (known === undefined || known.at < one.at) found.set(facet, one);
      }
    }
    return found;
  }

  /** Drops the incidents whose document is one of those. Answers how many. */
  forget(of: (document: AlertDocument) => boolean): number {
    const found = [...this.byId.values()].filter(({ document }) => of(document));
    for (const { id } of found) this.drop(id);
    return found.length;
  }

  /** The fewest notes that make this store again. */
  *export(): Iterable<IncidentNote> {
    for (const { document, feedback } of this.byId.values()) {
      yield { kind: 'document', document };
      for (const one of feedback) yield { kind: 'feedback', feedback: one };
    }
  }

  private noteDocument(document: AlertDocument): boolean {
    const { incident } = document.keywatch;
    const key = document.user?.id;
    if (incident === undefined || key === undefined) return false;
    const known = this.byId.get(incident.id);
    if (known !== undefined && known.document.event.sequence >= document.event.sequence) return false;
    const updatedAt = Date.parse(document['@timestamp']);
    this.put({
      id: incident.id,
      key,
      openedAt: Date.parse(document.event.start ?? document['@timestamp']),
      updatedAt,
      state: incident.state === 'closed' ? 'closed' : 'open',
      document,
      feedback: known?.feedback ?? [],
    });
    this.newest = Math.max(this.newest, updatedAt);
    this.bound(incident.id);
    return true;
  }

  private noteFeedback(feedback: Feedback): boolean {
    const incident = this.byId.get(feedback.incidentId);
    if (incident === undefined) return false;
    const known = incident.feedback.find(({ id }) => id === feedback.id);
    if (known !== undefined && (known.withdrawn !== undefined || feedback.withdrawn === undefined)) return false;
    if (known === undefined && incident.feedback.length >= MOST_FEEDBACK) return false;
    const others = incident.feedback.filter(({ id }) => id !== feedback.id);
    this.byId.set(incident.id, { ...incident, feedback: [...others, feedback] });
    return true;
  }

  private put(incident: StoredIncident): void {
    this.byId.delete(incident.id);
    this.byId.set(incident.id, incident);
    const ofKey = this.byKey.get(incident.key);
    if (ofKey === undefined) this.byKey.set(incident.key, new Set([incident.id]));
    else ofKey.add(incident.id);
  }

  /** Drops what is too old, and what is too many but for the incident just noted. */
  private bound(just: string): void {
    const before = this.newest - this.limits.keepMs;
    for (const [id, { state, updatedAt }] of this.byId) if (state === 'closed' && updatedAt < before) this.drop(id);
    if (this.byId.size <= this.limits.most) return;
    let oldest: string | undefined;
    for (const [id, { state }] of this.byId) {
      if (id === just) continue;
      oldest ??= id;
      if (state !== 'closed') continue;
      oldest = id;
      break;
    }
    if (oldest !== undefined) this.drop(oldest);
  }

  private drop(id: string): void {
    const incident = this.byId.get(id);
    if (incident === undefined) return;
    this.byId.delete(id);
    const ofKey = this.byKey.get(incident.key);
    ofKey?.delete(id);
    if (ofKey?.size === 0) this.byKey.delete(incident.key);
  }
}

function newestFirst(a: ListPlace, b: ListPlace): number {
  return b.openedAt - a.openedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function fits({ state, document }: StoredIncident, filter: IncidentFilter): boolean {
  if (filter.state !== undefined && state !== filter.state) return false;
  if (filter.tenant !== undefined && document.organization?.id !== filter.tenant) return false;
  return filter.severity === undefined || document.event.severity >= filter.severity;
}
