import type { Evidence, Facet } from '../domain/evidence';
import type { Guessing } from '../domain/guessing';
import type { Observation } from '../domain/observation';
import type { ColumnAccess, ColumnSpec } from '../stats/columns';
import type { FactTable } from '../stats/facts';
import type { NameTable } from '../stats/names';

/** What a detector works on: its own columns and the shared, bounded memories of the partition. */
export interface Tables extends ColumnAccess {
  readonly facts: FactTable;
  readonly names: NameTable;
  /** Rows in use: 0 … rows() − 1. */
  rows(): number;
}

/**
 * A detector: which columns it keeps and, bound to them, what it makes of an observation. Adding one costs a folder
 * and a line in `registry.ts`.
 */
export interface Detector {
  readonly name: string;
  readonly facet: Facet;
  readonly columns: readonly ColumnSpec[];
  bind(tables: Tables): BoundDetector;
}

/**
 * Pure over the state: the same calls in the same order give the same results. For every event `score` is called, then
 * `count`, then, unless the actor is suspect, `learn`. Grades of familiarity are those before the event throughout.
 */
export interface BoundDetector {
  /** Evidence against this event's use of the key, or undefined where there is none worth a word (surprise < 0.5). */
  score(row: number, observation: Observation): Evidence | undefined;
  /**
   * Counts the event in what is open now (windows); what is open is judged, and teaches nothing until `learn`. `taught`:
   * `learn` follows, and then the event's address, client and route are familiar to the key.
   */
  count?(row: number, observation: Observation, taught: boolean): void;
  /** Takes the event into the key's past. */
  learn(row: number, observation: Observation): void;
  /**
   * A request was refused (401). `known` is false for a key without a row, whose observation has no grades and no past.
   * Called before `score`. Answers what people should be told of the network.
   */
  refused?(observation: Observation, known: boolean): Guessing | undefined;
}

/** Below this a piece of evidence is not built: it could not matter, and words cost time. */
export const MIN_SURPRISE = 0.5;

/** Levels of the shared fact table. Numbers are part of the checkpoint: never reuse one. */
export const levels = {
  address: 1,
  nearNetwork: 2,
  wideNetwork: 3,
  country: 4,
  agent: 5,
  clientFamily: 6,
  product: 7,
  route: 8,
  /** Address and agent together, counted as a newcomer. */
  newcomer: 9,
  /** Of the fleet: an agent, counted by the keys that use it. */
  fleetAgent: 10,
  /** Of the fleet: an agent, counted by the keys that lately took it up at an address they had shown before. */
  adoption: 11,
  /** That a key has been placed at all: some country of it is known. */
  placed: 13,
  /** An actor met by a key far from all that it knew; of the fleet, the same, counted by keys. */
  spread: 12,
  /** That a key made an impossible journey, counted by days. */
  leap: 14,
  /** That a key woke after a long silence. */
  woke: 15,
  /** A network from which keys were guessed, met by a key. */
  stuffed: 18,
  /** Of a tenant: its keys, and how many they are. */
  peer: 16,
  peers: 17,
} as const;
