import type { Evidence } from '../../domain/evidence';
import type { Observation } from '../../domain/observation';
import { at, type ColumnSpec, part } from '../../stats/columns';
import { mix } from '../../stats/hash';
import { bindBaseline } from '../baseline';
import { MIN_SURPRISE, type Tables } from '../detector';
import { FEATURES, placeOf, SPOKEN, stepsOf, WINDOW_SECONDS, writeVector } from './features';
import { createJudge, type Judgement, type Model, surpriseOfError } from './judge';
import { inWords } from './words';

export type { Model } from './judge';

/** What a shadow finds is put into words from one benign key-day in a hundred on: words cost more than the scoring. */
export const SHADOW_TELLS = 2;

/** A key with less confidence has no windows that a model could compare. */
const LEAST_CONFIDENCE = 0.3;

/** The window, by number since 1970 plus one (0: none yet), its requests, and a bitmap of its actors. */
const WINDOW = 0;
const EVENTS = 1;
const ACTORS = 2;
const FIELDS = 3;

export const modelColumns: readonly ColumnSpec[] = [
  { name: 'model.window', type: 'u32', width: FIELDS, version: 1, scope: 'key' },
  /** The greatest surprise of each detector within the window, in steps. */
  { name: 'model.spoken', type: 'u8', width: SPOKEN, version: 1, scope: 'key' },
];

/** What a model made of a window at a look. */
export interface Verdict {
  readonly model: string;
  /** False in shadow: it was not used. */
  readonly used: boolean;
  readonly surprise: number;
  /** In words, from a surprise of 0.5 on, in shadow of `SHADOW_TELLS`. */
  readonly evidence: Evidence | undefined;
}

/** A look at an open window, taken when a detector became more surprised than before within it. */
export interface Look {
  readonly key: string;
  /** Event time, milliseconds. */
  readonly ts: number;
  readonly window: number;
  /** The same array at every look: copy what is kept. */
  readonly vector: Float32Array;
  readonly verdicts: readonly Verdict[];
}

export interface ModelSettings {
  /** Those with `used` speak; the others are evaluated beside them and change nothing. */
  readonly models: readonly { readonly model: Model; readonly used: boolean }[];
  /** Hears of every look. Must not change what it is shown, and nothing that it does changes a decision. */
  readonly seen?: ((look: Look) => void) | undefined;
}

export interface BoundModels {
  /**
   * Takes in what the detectors made of an event. Looks where the window became odder: whatever a window shows in the end
   * has been looked at when it came about, so that closing it needs no search and tells nothing new. Answers the
   * strongest of what the models in use say.
   */
  look(row: number, o: Observation, evidence: readonly Evidence[]): Evidence | undefined;
}

export function bindModels(tables: Tables, { models, seen }: ModelSettings): BoundModels {
  const windows = tables.column('model.window');
  const kept = tables.column('model.spoken');
  const baseline = bindBaseline(tables);
  const vector = new Float32Array(FEATURES);
  const judges = models.map(({ model, used }) => ({ model, used, judge: createJudge(model) }));

  function open(row: number, o: Observation): boolean {
    const data = part(windows, row);
    const i = at(windows, row);
    const window = Math.floor(o.seconds / WINDOW_SECONDS) + 1;
    if (window < data[i + WINDOW]) return false;
    if (window > data[i + WINDOW]) {
      data[i + WINDOW] = window;
      data[i + EVENTS] = 0;
      data[i + ACTORS] = 0;
      const steps = part(kept, row);
      const from = at(kept, row);
      steps.fill(0, from, from + SPOKEN);
    }
    data[i + EVENTS]++;
    data[i + ACTORS] |= 1 << (mix(o.actor) & 31);
    return true;
  }

  /** Whether any detector is now more surprised than it was in this window. */
  function note(row: number, evidence: readonly Evidence[]): boolean {
    const steps = part(kept, row);
    const from = at(kept, row);
    let risen = false;
    for (const { detector, surprise } of evidence) {
      const place = placeOf(detector);
      if (place < 0) continue;
      const now = stepsOf(surprise);
      if (now <= steps[from + place]) continue;
      steps[from + place] = now;
      risen = true;
    }
    return risen;
  }

  function evidenceOf(judgement: Judgement, surprise: number, row: number, o: Observation): Evidence {
    return {
      detector: 'model',
      facet: 'joint',
      kind: 'statistical',
      surprise,
      confidence: o.confidence,
      ...inWords(vector, judgement),
      since: baseline.since(row) * 1000,
      aboutActor: false,
    };
  }

  return {
    look(row, o, evidence) {
      if (!open(row, o) || evidence.length === 0 || o.confidence < LEAST_CONFIDENCE) return undefined;
      if (!note(row, evidence)) return undefined;
      const data = part(windows, row);
      const i = at(windows, row);
      writeVector(vector, part(kept, row), at(kept, row), o.confidence, data[i + EVENTS], actors(data[i + ACTORS]));
      let said: Evidence | undefined;
      const verdicts = judges.map(({ model, used, judge }): Verdict => {
        const judgement = judge(vector);
        const surprise = surpriseOfError(model, judgement.error);
        const worth = surprise >= (used ? MIN_SURPRISE : SHADOW_TELLS);
        const found = worth ? evidenceOf(judgement, surprise, row, o) : undefined;
        if (used && found !== undefined && found.surprise > (said?.surprise ?? 0)) said = found;
        return { model: model.name, used, surprise, evidence: found };
      });
      seen?.({ key: o.event.key, ts: o.seconds * 1000, window: data[i + WINDOW] - 1, vector, verdicts });
      return said;
    },
  };
}

/** Linear counting over 32 bits (Whang et al., ACM TODS 15 (1990) 208–229). */
function actors(bitmap: number): number {
  let zeros = 0;
  for (let bit = 0; bit < 32; bit++) if (((bitmap >>> bit) & 1) === 0) zeros++;
  return 32 * Math.log(32 / Math.max(1, zeros));
}
