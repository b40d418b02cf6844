import type { ActionRequest, KeyAction } from '../domain/action';
import type { AlertDocument } from '../domain/alert';
import type { OutcomeNote } from '../domain/command';
import type { Evidence } from '../domain/evidence';
import { requestOf, type Telling, tell } from './alert';
import { askedEnded, noteAsked, noteOutcome, wanted } from './asked';
import type { Calibration } from './calibration';
import { combine, total } from './combine';
import { DueTimes } from './due';
import { addEvidence, type Incident, noteRequest, openIncident } from './incident';
import { heard, type KeyNotes, listen, noNotes } from './muting';
import { type Case, firstFit, type Policy, tierOf } from './policy';
import { riskFrom, severityOf } from './risk';
import { type Difference, differenceOf, tellDifference } from './shadow';
import { type Suspicion, subjectOf } from './suspicion';
import type { TagSettings } from './tags';

export type { Suspicion } from './suspicion';

/**
 * The incidents of a partition, one voice each: opened, updated, closed. Bounded: at most `MAX_PER_KEY` a key (further
 * actors share the key's own incident) and `MAX_ALL` in all (the longest quiet watched one is dropped first).
 */
export interface BookSettings {
  readonly policy: Policy;
  readonly mode: 'dry-run' | 'enforce';
  readonly partition: number;
  readonly incidentIdleMs: number;
  readonly suspectMaxMs: number;
  /** Without it the tags of `tags.ts`. */
  readonly tags?: TagSettings | undefined;
}

/** Where decisions go, in order. */
export interface Decisions {
  readonly alerts: AlertDocument[];
  readonly requests: ActionRequest[];
  /** Where the shadow policy would have done otherwise, each time. */
  readonly differences?: Difference[];
}

/** What the book makes of the event's actor: `suspect` must not be learned, `probation` slowly. */
export type Standing = 'trusted' | 'suspect' | 'probation';

const MAX_PER_KEY = 8;
const MAX_ALL = 20_000;
const WATCH_SCORE = 0.5;
const WATCH_IDLE_MS = 3_600_000;
const QUIET_UPDATE_MS = 900_000;

export class IncidentBook {
  /** Incidents by key, then by actor; insertion order is part of the state. */
  private readonly keys = new Map<string, Map<number, Incident>>();
  private total = 0;
  private policy: Policy;
  private readonly due = new DueTimes<Incident>((incident) => incident.lastAt + this.patience(incident));

  constructor(
    private readonly settings: BookSettings,
    private readonly calibration: Calibration,
    private readonly notes: KeyNotes = noNotes,
  ) {
    this.policy = settings.policy;
  }

  /** From here on this policy decides. */
  govern(policy: Policy): void {
    this.policy = policy;
  }

  size(): number {
    return this.total;
  }

  /** True when the key has any incident; the engine asks before building a `Suspicion` for an event without evidence. */
  knows(key: string): boolean {
    return this.total > 0 && this.keys.has(key);
  }

  /** Enforce has said what became of a request. */
  outcome(note: OutcomeNote): void {
    for (const incident of this.keys.get(note.key)?.values() ?? []) {
      if (incident.id === note.incidentId) noteOutcome(incident, note);
    }
  }

  /** Tells of an incident as it stands, without judging it anew. `now`: event time, milliseconds. */
  mention(key: string, incidentId: string, now: number, out: Decisions): void {
    for (const incident of this.keys.get(key)?.values() ?? []) {
      if (incident.id !== incidentId || incident.state === 'watched') continue;
      incident.sequence++;
      this.tell(incident, incident.state === 'open' ? 'updated' : 'closed', false, Math.max(now, incident.lastAt), out);
    }
  }

  consider(s: Suspicion, out: Decisions): Standing {
    const incident = this.incidentFor(s);
    if (incident === undefined) return 'trusted';
    noteRequest(incident, s, s.ts);
    const changed = s.evidence.length > 0 && addEvidence(incident, s.evidence);
    if (changed) this.calibration.note(s.row, combine(incident.evidence).rest);
    const otherwise = listen(incident, this.notes.mutes(s.key, s.ts));
    if (changed || otherwise || incident.state === 'closed' || askedEnded(incident, s.ts))
      this.judge(incident, s.ts, out);
    return this.standing(incident, s);
  }

  /** Closes what has been idle and drops what is over, the longest idle first. `now` is the watermark, milliseconds. */
  sweep(now: number, out: Decisions): void {
    const due = this.due.before(now).sort((a, b) => a.lastAt - b.lastAt || (a.id < b.id ? -1 : 1));
    for (const incident of due) {
      if (incident.state === 'open') this.close(incident, out);
      else this.drop(incident);
    }
  }

  /** Drops all incidents of a key, untold. */
  forget(key: string): void {
    for (const incident of [...(this.keys.get(key)?.values() ?? [])]) this.drop(incident);
  }

  /** How long an incident may be idle in its present state, milliseconds. */
  private patience({ state }: Incident): number {
    if (state === 'watched') return WATCH_IDLE_MS;
    return state === 'open' ? this.settings.incidentIdleMs : this.settings.suspectMaxMs;
  }

  export(): Incident[] {
    return [...this.all()];
  }

  import(incidents: readonly Incident[]): void {
    this.keys.clear();
    this.due.clear();
    this.total = 0;
    for (const incident of incidents) this.add(incident);
  }

  private close(incident: Incident, out: Decisions): void {
    const { incidentIdleMs } = this.settings;
    const ts = incident.lastAt + incidentIdleMs;
    listen(incident, this.notes.mutes(incident.key, ts));
    incident.state = 'closed';
    this.due.place(incident);
    incident.sequence++;
    this.tell(incident, 'closed', false, ts, out);
  }

  private incidentFor(s: Suspicion): Incident | undefined {
    const ofKey = this.keys.get(s.key);
    const own = ofKey?.get(s.actor);
    if (own !== undefined) return own;
    if (s.evidence.length === 0) return undefined;
    const aboutActor = s.evidence.some((e) => e.aboutActor);
    const crowded = this.crowded(s.key);
    const whole = ofKey?.get(0);
    if (whole !== undefined && (!aboutActor || crowded)) return whole;
    const combined = combine(s.evidence);
    if (Math.max(combined.actor, combined.rest) < WATCH_SCORE && !combined.rule) return undefined;
    if (this.total >= MAX_ALL) this.makeRoom();
    const tier = s.tier ?? tierOf(this.policy, s.key);
    return this.add(openIncident({ ...subjectOf(s), actor: aboutActor && !crowded ? s.actor : 0, tier }, s.ts));
  }

  private judge(incident: Incident, ts: number, out: Decisions): void {
    const evidence = heard(incident);
    const combined = combine(evidence);
    const { confidence } = combined;
    const surprise = this.surpriseOf(evidence);
    // What was muted no longer counts; without mutes a risk never falls.
    incident.surprise = incident.muted === undefined ? Math.max(incident.surprise, surprise) : surprise;
    const risk = riskFrom(incident.surprise, combined.rule);
    const about = { tier: incident.tier, risk, confidence, evidence };
    const rule = firstFit(this.policy, about);
    const action = rule?.action ?? 'observe';
    if (action === 'observe' && (incident.state === 'watched' || evidence.length === 0)) {
      if (this.wouldTell(incident)) incident.silencedAt ??= ts;
      this.shadow(incident, about, ts, out);
      return;
    }
    incident.confidence = confidence;
    const severity = severityOf(risk);
    const opening = incident.state === 'watched';
    const louder = opening || severity > incident.severity;
    incident.risk = risk;
    incident.severity = opening || severity > incident.severity ? severity : incident.severity;
    if (rule !== undefined) {
      incident.rule = rule.name;
      incident.action = rule.action;
    }
    for (const { detector } of incident.evidence) {
      const others = evidence.filter((e) => e.detector !== detector);
      incident.riskWithout[detector] = riskFrom(this.surpriseOf(others), combine(others).rule);
    }
    this.say(incident, opening, louder, ts, out);
    this.shadow(incident, about, ts, out);
    const act = rule === undefined ? undefined : wanted(incident, rule.action, ts);
    if (act !== undefined) this.request(incident, act, rule!.for, ts, out);
  }

  /** Whether people would be told if nothing were muted. */
  private wouldTell({ evidence, muted, tier }: Incident): boolean {
    if (muted === undefined) return false;
    const { rule, confidence } = combine(evidence);
    const risk = riskFrom(this.surpriseOf(evidence), rule);
    return (firstFit(this.policy, { tier, risk, confidence, evidence })?.action ?? 'observe') !== 'observe';
  }

  private surpriseOf(evidence: readonly Evidence[]): number {
    const { actor, rest } = combine(evidence);
    return total(actor, this.calibration.surprise(rest));
  }

  private say(incident: Incident, opening: boolean, louder: boolean, ts: number, out: Decisions): void {
    const reopening = incident.state === 'closed';
    if (incident.state !== 'open') {
      incident.state = 'open';
      this.due.place(incident);
    }
    if (!louder && !reopening && ts - incident.saidAt < QUIET_UPDATE_MS) return;
    if (opening) incident.alertedAt = ts;
    else incident.sequence++;
    incident.saidAt = ts;
    this.tell(incident, opening ? 'open' : 'updated', louder, ts, out);
  }

  private tell(incident: Incident, telling: Telling, loud: boolean, ts: number, out: Decisions): void {
    const { mode, tags } = this.settings;
    out.alerts.push(tell(incident, telling, loud, ts, mode, tags, this.notes));
  }

  private request(incident: Incident, action: KeyAction, durationMs: number, ts: number, out: Decisions): void {
    out.requests.push(requestOf(incident, action, this.settings.partition, ts, durationMs));
    noteAsked(incident, action, ts, durationMs);
  }

  /** Decides by the shadow policy too, and tells where it would have done otherwise. */
  private shadow(incident: Incident, about: Case, ts: number, out: Decisions): void {
    const found = differenceOf(this.policy, about);
    if (found === undefined) return;
    out.differences?.push(found);
    const document = tellDifference(incident, found, ts, this.settings.mode);
    if (document !== undefined) out.alerts.push(document);
  }

  /**
   * Actors beyond a key's last own incident share that of the key as a whole: while people have been told of the key,
   * a stranger among them is as suspect as if he had one to himself, so that decoys teach nothing.
   */
  private standing(incident: Incident, s: Suspicion): Standing {
    const since = incident.alertedAt || (incident.silencedAt ?? 0);
    if (since === 0) return 'trusted';
    if (incident.actor === 0 && !(this.crowded(s.key) && s.evidence.some((e) => e.aboutActor))) return 'trusted';
    return s.ts - since > this.settings.suspectMaxMs ? 'probation' : 'suspect';
  }

  private crowded(key: string): boolean {
    return (this.keys.get(key)?.size ?? 0) >= MAX_PER_KEY;
  }

  private *all(): Iterable<Incident> {
    for (const ofKey of this.keys.values()) yield* ofKey.values();
  }

  private add(incident: Incident): Incident {
    let ofKey = this.keys.get(incident.key);
    if (ofKey === undefined) {
      ofKey = new Map();
      this.keys.set(incident.key, ofKey);
    }
    ofKey.set(incident.actor, incident);
    this.due.place(incident);
    this.total++;
    return incident;
  }

  private drop(incident: Incident): void {
    const ofKey = this.keys.get(incident.key);
    if (!ofKey?.delete(incident.actor)) return;
    this.due.remove(incident);
    this.total--;
    if (ofKey.size === 0) this.keys.delete(incident.key);
  }

  /** Drops the first watched incident, else the first closed one, else the first: an old one, and in replay the same. */
  private makeRoom(): void {
    let first: Incident | undefined;
    let closed: Incident | undefined;
    for (const incident of this.all()) {
      if (incident.state === 'watched') {
        this.drop(incident);
        return;
      }
      first ??= incident;
      if (incident.state === 'closed') closed ??= incident;
    }
    const least = closed ?? first;
    if (least !== undefined) this.drop(least);
  }
}
