import { IncidentBook, type Standing } from './decide/book';
import { bindCalibration, type Calibration } from './decide/calibration';
import { type Baseline, bindBaseline } from './detect/baseline';
import type { BoundDetector } from './detect/detector';
import { createFamiliarity, type Familiarity } from './detect/familiarity';
import { type BoundModels, bindModels } from './detect/model';
import { score } from './detect/score';
import type { UsageEvent } from './domain/event';
import type { Evidence, Facet } from './domain/evidence';
import type { Inventory } from './domain/inventory';
import type { Observation } from './domain/observation';
import type { Policy } from './domain/policy';
import { Acts } from './engine/acts';
import { bindAddresses } from './engine/addresses';
import { bindCanary, type CanaryPlay } from './engine/canary';
import { columnsOf } from './engine/columns';
import { obey } from './engine/commands';
import { Declarations, named, unexpected } from './engine/declarations';
import { noEffects } from './engine/effects';
import type { Memory } from './engine/forget';
import { bindLearning, type Learning } from './engine/learning';
import { bindNotes, Mutes, type Notes } from './engine/notes';
import { takePack } from './engine/packs';
import { bindRefusals, type Refusals } from './engine/refusals';
import { bindRows, type Rows } from './engine/rows';
import { teaches } from './engine/teaching';
import { bindTrafficWatch, type TrafficWatch } from './engine/traffic';
import type { Effects, EngineSettings, LogEntry } from './engine/types';
import { createObserver, type Observer } from './profile/observation';
import { admit, tick } from './profile/time-gate';
import { columnOf, createState, limitsFor, type State, stateBytes } from './state';
import { atOnce, freezeState, thawState } from './state/codec';
import { at, type Column, type ColumnSpec, part } from './stats/columns';

export type { Effects, EngineSettings, LogEntry } from './engine/types';

/**
 * 401: the caller has not shown that the key is his, and a log may name whichever key he claimed (NGINX writes the user of
 * a failed login). Such an event makes no key known, no actor or place familiar, and is no evidence of who uses the
 * key or how much: only the detectors of denials and failures see it.
 */
const UNPROVEN = 401;
const denials: ReadonlySet<Facet> = new Set(['auth', 'errors']);
/** Event time between two looks at idle incidents, milliseconds. */
const SWEEP_EVERY = 600_000;

/**
 * The core of one partition: joins profile, detect and decide over its state. Pure: given the same log, the same
 * effects and the same state bytes come out, however the log is cut into calls. Score before learn, always.
 */
export class Engine {
  readonly specs: readonly ColumnSpec[];
  private state: State;
  private observe: Observer = createObserver();
  private baseline!: Baseline;
  private familiarity!: Familiarity;
  private detectors: readonly BoundDetector[] = [];
  /** Those of them that a refused login may speak to. */
  private onDenials: readonly BoundDetector[] = [];
  private models: BoundModels | undefined;
  private calibration!: Calibration;
  private book!: IncidentBook;
  private notes!: Notes;
  private readonly declarations = new Declarations();
  private readonly mutes = new Mutes();
  private readonly acts = new Acts();
  /** What is declared of a whole address, at this place of the log. */
  readonly judgeAddress = bindAddresses(this.declarations);
  rows!: Rows;
  private memory!: Memory;
  learning!: Learning;
  canary!: CanaryPlay;
  private traffic!: TrafficWatch;
  private refusals!: Refusals;
  private owner!: Column;
  private sweptAt!: Column;

  constructor(private readonly settings: EngineSettings) {
    this.specs = columnsOf(settings);
    this.state = createState(this.specs, limitsFor(settings.maxKeys));
    this.bind();
  }

  /** Place of the next record wanted. */
  get next(): number {
    return this.state.next;
  }

  get cursor(): string {
    return this.state.cursor;
  }

  /** Digest of the inventory in use; after a restore `use` must give it back before the next `advance`. */
  get inventoryDigest(): string {
    return this.state.inventory;
  }

  /** In force at this place of the log. */
  get policy(): Policy {
    return this.state.policies[0] ?? this.settings.policy;
  }

  use(inventory: Inventory): void {
    this.declarations.use(inventory);
  }

  get watermark(): number {
    return this.state.gate.watermark;
  }

  get keys(): number {
    return this.state.keys.size();
  }

  /** Keys active on one day (the fuller of this day and the one before), for shares. */
  get activeKeys(): number {
    return this.baseline.activeKeys();
  }

  /** Keys past the maturity at the present watermark: those whose evidence may lead to a suspension. Looks at all rows. */
  matureKeys(): number {
    return this.rows.mature();
  }

  /** Keys that the inventory does not know; 0 without one. Looks at all rows. */
  readonly undeclaredKeys = (): number => this.declarations.undeclared(this.state.keys.ids);

  /** Up to `most` key ids, for spot checks. */
  sampleKeys(most: number): readonly string[] {
    return this.state.keys.ids.slice(0, most).filter((key) => key !== '');
  }

  readonly has = (key: string): boolean => this.state.keys.find(key) >= 0;

  get bytes(): number {
    return stateBytes(this.state);
  }

  get openIncidents(): number {
    return this.book.size();
  }

  /** True when a tick at `now` would change anything: events wait for it, or an incident has been idle long enough. */
  wantsTick(now: number): boolean {
    if (this.state.gate.waiting.length > 0 || this.traffic.wantsTick(now)) return true;
    return this.book.size() > 0 && now - this.sweptAt.data[0] > SWEEP_EVERY;
  }

  /**
   * Takes entries in log order. Events of records below `next` are ignored. The state is changed in place; effects are
   * answered. `end` names the place after the last record of the entries (records without events move it too).
   */
  advance(entries: readonly LogEntry[], end?: { readonly next: number; readonly cursor: string }): Effects {
    const effects = noEffects();
    const { gate } = this.state;
    const { late, clockFaults } = gate;
    const use = (event: UsageEvent, ts: number) => this.take(event, ts, effects);
    for (const entry of entries) {
      if (entry.kind === 'event' || entry.kind === 'pack') {
        if (entry.offset < this.state.next) continue;
        if (entry.kind === 'event') admit(gate, entry.event, entry.timestamp, this.settings.gate, use);
        else effects.repeated += takePack(gate, entry, this.settings.gate, use);
        this.sweep(gate.watermark, effects);
      } else if (entry.kind === 'tick') {
        tick(gate, entry.ts, this.settings.gate, use);
        this.traffic.tick(entry.ts, effects.alerts);
        this.sweep(entry.ts, effects);
      } else if (entry.kind === 'command') obey(entry.command, this.memory, this.canary, effects);
      else this.declare(entry.inventory);
    }
    if (end !== undefined && end.next >= this.state.next) {
      this.state.next = end.next;
      this.state.cursor = end.cursor;
    }
    effects.late = gate.late - late;
    effects.clockFaults = gate.clockFaults - clockFaults;
    return effects;
  }

  checkpoint(): Uint8Array {
    return Buffer.concat(atOnce(this.freeze()));
  }

  /** The whole state as bytes in pieces, copied in steps between which nothing may be taken; equal states, equal bytes. */
  freeze(): Generator<void, readonly Uint8Array[]> {
    this.state.incidents = this.book.export();
    this.state.expectations = this.declarations.export();
    this.state.mutes = this.mutes.export();
    Object.assign(this.state, this.acts.export());
    return freezeState(this.state);
  }

  /** Replaces the state by a checkpoint's. Answers the columns that had to be started anew. Throws on foreign bytes. */
  restore(bytes: Uint8Array): readonly string[] {
    return atOnce(this.thaw(bytes));
  }

  /** The same in steps; only the last one changes this engine. */
  *thaw(bytes: Uint8Array): Generator<void, readonly string[]> {
    const { state, relearned } = yield* thawState(bytes, this.specs, limitsFor(this.settings.maxKeys));
    this.state = state;
    this.bind();
    this.book.import(state.incidents);
    this.declarations.import(state.expectations);
    this.mutes.import(state.mutes);
    this.acts.import(state);
    return relearned;
  }

  private declare(inventory: Inventory): void {
    this.declarations.use(inventory);
    this.state.inventory = inventory.digest;
    this.rows.inheritAll(inventory);
  }

  private bind(): void {
    const { facts, names, keys } = this.state;
    const tables = { facts, names, column: (name: string) => columnOf(this.state, name), rows: () => keys.ids.length };
    this.familiarity = createFamiliarity(facts, tables.rows);
    this.baseline = bindBaseline(tables);
    this.calibration = bindCalibration(tables);
    this.detectors = this.settings.detectors.map((d) => d.bind(tables));
    this.onDenials = this.detectors.filter((_, i) => denials.has(this.settings.detectors[i].facet));
    this.models = this.settings.model && bindModels(tables, this.settings.model);
    this.traffic = bindTrafficWatch(tables, this.settings);
    this.refusals = bindRefusals(this.detectors, this.settings);
    this.owner = tables.column('engine.owner');
    this.sweptAt = tables.column('engine.sweptAt');
    this.notes = bindNotes(this.state, tables, this.mutes, this.acts.used, this.settings.maturityMs);
    this.book = new IncidentBook({ ...this.settings, policy: this.policy }, this.calibration, this.notes);
    this.rows = bindRows(this.state, this.baseline, this.settings.maturityMs, (row) => this.worth(row));
    this.learning = bindLearning(this.state, this.baseline, this.settings);
    const { state, rows, book, declarations, mutes, acts, learning } = this;
    this.canary = bindCanary({ state, book, settings: this.settings, take: this.take.bind(this) });
    this.memory = { state, rows, book, declarations, mutes, acts, learning };
  }

  private take(logged: UsageEvent, ts: number, effects: Effects, planted = false): void {
    effects.events++;
    const declared = this.declarations.of(logged.key);
    const event = named(logged, declared);
    const unproven = event.status === UNPROVEN;
    if (unproven && !this.has(event.key)) {
      this.refusals(this.observe(event, ts, 0, 0), false, effects.alerts);
      return;
    }
    const row = this.rows.of(event.key, declared, unproven ? '' : event.tenant);
    const owner = at(this.owner, row);
    const o = this.observe(event, ts, part(this.owner, row)[owner], part(this.owner, row)[owner + 1]);
    if (this.acts.refuses(o, ts)) return;
    this.traffic.take(row, o, !unproven, effects.alerts);
    o.confidence = this.baseline.confidence(row, o.seconds, this.settings.maturityMs / 86_400_000);
    o.declared = declared;
    o.lists = this.declarations.lists;
    const expectation = this.declarations.expected(event.key, ts);
    o.expected = expectation !== undefined;
    this.calibration.turn(row, o.day);
    this.familiarity.grade(o);
    if (unproven) this.refusals(o, true, effects.alerts);
    const detectors = unproven ? this.onDenials : this.detectors;
    const all = score(detectors, row, o, this.baseline.activeKeys());
    const heard = expectation === undefined ? all : unexpected(all, expectation);
    const joint = unproven ? undefined : this.models?.look(row, o, this.notes.counted(event.key, ts, heard));
    const evidence = joint === undefined ? heard : [...heard, joint];
    const standing = this.consider(row, o, ts, evidence, effects);
    if (planted) return;
    const taught = teaches(standing, o, this.baseline.events(row));
    for (const detector of detectors) detector.count?.(row, o, taught);
    if (taught) for (const detector of detectors) detector.learn(row, o);
    if (unproven) return;
    if (taught) this.notes.count(row, this.familiarity.learn(o));
    this.baseline.learn(row, o.seconds, taught);
  }

  private consider(row: number, o: Observation, ts: number, evidence: readonly Evidence[], effects: Effects): Standing {
    const { event } = o;
    const unproven = event.status === UNPROVEN;
    if (evidence.length === 0 && (unproven || !this.book.knows(event.key))) return 'trusted';
    const { key, keyKind, keyName, tenant, ip, country, userAgent } = event;
    // A refused caller is not one of the key's actors: what he does must not reopen an incident that is one of them's.
    const actor = unproven ? 0 : o.actor;
    return this.book.consider(
      { key, keyKind, keyName, tenant, tier: o.declared?.tier, actor, ip, country, userAgent, ts, row, evidence },
      effects,
    );
  }

  /** Keys with much past and recent use are worth most; a key with an incident is never given up first. */
  private worth(row: number): number {
    const incident = this.book.knows(this.state.keys.ids[row]) ? 1e9 : 0;
    return this.baseline.worth(row) + incident;
  }

  private sweep(now: number, effects: Effects): void {
    if (now - this.sweptAt.data[0] < SWEEP_EVERY) return;
    this.sweptAt.data[0] = now;
    for (const { key, incidentId } of this.acts.used.due(now)) this.book.mention(key, incidentId, now, effects);
    if (this.book.size() > 0) this.book.sweep(now, effects);
  }
}
