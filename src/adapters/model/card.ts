import { z } from 'zod';
import { FEATURES } from '../../detect/model/features';

/** Version of the card's own layout. */
export const CARD_FORMAT = 1;
/** A window is judged at once: nets beyond this are a mistake or an attack. */
export const MOST_UNITS = 1_024;
export const MOST_LAYERS = 16;
export const MOST_WEIGHT_BYTES = 16 * 1_048_576;

const finite = z.number();
const share = z.number().min(0).max(1);
const whole = z.number().int().min(0);
const estimate = z.strictObject({ value: finite, low: finite, high: finite });

const layer = z.strictObject({
  inputs: z.number().int().min(1).max(MOST_UNITS),
  units: z.number().int().min(1).max(MOST_UNITS),
  activation: z.enum(['linear', 'tanh']),
});

/** What a model is worth, measured: one row for each way to judge. */
const ablationRow = z.strictObject({
  how: z.enum(['statistical', 'model', 'both']),
  /** Thefts found, and false alerts per 1,000 key-days, at the shipped policy; absent for the model alone, which has none. */
  found: whole.optional(),
  thefts: whole,
  falseRate: finite.optional(),
  /** Share of the thefts found within budgets of false alerts per 1,000 key-days, thresholds chosen on other keys. */
  budgets: z.array(z.strictObject({ budget: finite, found: estimate, falseRate: finite })).max(16),
});

export const cardSchema = z.strictObject({
  format: z.literal(CARD_FORMAT),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  kind: z.literal('autoencoder'),
  features: z.strictObject({
    version: whole,
    digest: z.string().regex(/^[0-9a-f]{64}$/),
    names: z.array(z.string().max(64)).max(MOST_UNITS),
    windowSeconds: whole,
  }),
  layers: z.array(layer).min(1).max(MOST_LAYERS),
  weights: z.strictObject({ bytes: whole.max(MOST_WEIGHT_BYTES), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  calibration: z.strictObject({
    /** Key-days that were held out, of how many keys. */
    keyDays: whole,
    keys: whole,
    points: z
      .array(z.tuple([z.number().min(0).max(1e12), z.number().min(0).max(12)]))
      .min(2)
      .max(128),
  }),
  data: z.strictObject({
    /** SHA-256 over all vectors, in the order in which they were used. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    about: z.string().max(512),
    events: whole,
    keys: whole,
    keyDays: whole,
    looks: whole,
    dirty: whole,
    trained: whole,
    validated: whole,
    dirtyShare: share,
  }),
  training: z.strictObject({
    seed: whole,
    backend: z.string().max(200),
    /** When it was trained, RFC 3339. */
    date: z.iso.datetime(),
    bestEpoch: whole,
    startLoss: finite,
    losses: z.array(z.tuple([finite, finite])).max(10_000),
  }),
  ablation: z
    .array(z.strictObject({ on: z.string().max(200), date: z.iso.datetime(), rows: z.array(ablationRow).max(8) }))
    .max(16),
});

/** What is known of a trained model. Written beside its weights; `read.ts` holds the weights to it. */
export type ModelCard = z.infer<typeof cardSchema>;
export type AblationRow = z.infer<typeof ablationRow>;

/** The shapes that a card declares, as bytes of single-precision weights. Bounded by the schema: no overflow. */
export const declaredBytes = (layers: ModelCard['layers']): number =>
  layers.reduce((sum, { inputs, units }) => sum + 4 * units * (inputs + 1), 0);

/** Undefined where the layers lead from features to features, else what is wrong. */
export function chainFault(layers: ModelCard['layers']): string | undefined {
  let width = FEATURES;
  for (const [i, { inputs, units }] of layers.entries()) {
    if (inputs !== width) return `layer ${i + 1} takes ${inputs} inputs where ${width} come`;
    width = units;
  }
  return width === FEATURES ? undefined : `the last layer has ${width} units, not one for each of ${FEATURES} features`;
}
