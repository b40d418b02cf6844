import { createHash } from 'node:crypto';
import { z } from 'zod';
import { FEATURE_VERSION, featureDigest } from '../../detect/model/features';
import type { Model } from '../../detect/model/judge';
import type { Layer } from '../../stats/network';
import { cardSchema, chainFault, declaredBytes, type ModelCard } from './card';
import { CARD_FILE, MODEL_FILE, ModelFault, modelFolder, readInside } from './files';

const MOST_JSON_BYTES = 4 * 1_048_576;
/** No weight of a trained net comes near. */
const MOST_WEIGHT = 1e6;

/** The parts of TensorFlow.js' `layers-model` format that the weights are read by; the topology must tell of the same layers. */
const topology = z.object({
  config: z.object({
    layers: z
      .array(
        z.object({
          class_name: z.string(),
          config: z.object({ units: z.number().optional(), activation: z.string().optional() }),
        }),
      )
      .max(64),
  }),
});
const modelSchema = z.object({
  format: z.literal('layers-model'),
  modelTopology: z.union([z.object({ model_config: topology }), topology]),
  weightsManifest: z
    .array(
      z.object({
        paths: z.array(z.string()).length(1),
        weights: z
          .array(
            z.object({ name: z.string(), shape: z.array(z.number().int().min(1)).max(2), dtype: z.literal('float32') }),
          )
          .max(64),
      }),
    )
    .length(1),
});
type ModelJson = z.infer<typeof modelSchema>;

export interface LoadedModel {
  readonly model: Model;
  readonly card: ModelCard;
}

/**
 * A model from its folder (`card.json`, `model.json`, weights), with everything checked before it is used: bounded sizes, the
 * features of this build, shapes that follow from one another and fill the file exactly, the digest of the weights, and
 * that all of them are finite. Nothing is allocated by what a file declares. Throws ModelFault, which says what is wrong.
 */
export function readModel(path: string): LoadedModel {
  const folder = modelFolder(path);
  const card = parsed(cardSchema, folder, CARD_FILE);
  const of = (text: string) => new ModelFault(`${folder}/${CARD_FILE}: ${text}`);
  const { version, digest } = card.features;
  if (version !== FEATURE_VERSION || digest !== featureDigest) {
    throw of(
      `trained on features of version ${version}, digest ${digest.slice(0, 12)}; this build has ${FEATURE_VERSION}, ${featureDigest.slice(0, 12)}: train it anew`,
    );
  }
  const fault = chainFault(card.layers) ?? calibrationFault(card.calibration.points);
  if (fault !== undefined) throw of(fault);
  const declared = declaredBytes(card.layers);
  if (declared !== card.weights.bytes) throw of(`layers of ${declared} bytes, but weights of ${card.weights.bytes}`);

  const model = parsed(modelSchema, folder, MODEL_FILE);
  const difference = differenceOf(model, card);
  if (difference !== undefined) throw new ModelFault(`${folder}/${MODEL_FILE}: ${difference}`);
  const [name] = model.weightsManifest[0].paths;
  const bytes = readInside(folder, name, declared);
  if (bytes.length !== declared) throw new ModelFault(`${folder}/${name} has ${bytes.length} bytes, not ${declared}`);
  if (createHash('sha256').update(bytes).digest('hex') !== card.weights.sha256)
    throw new ModelFault(`${folder}/${name} is not what ${CARD_FILE} was written for: another SHA-256`);
  const layers = layersOf(bytes, card);
  if (!layers.every(({ kernel, bias }) => sane(kernel) && sane(bias)))
    throw new ModelFault(`${folder}/${name} holds weights that are no numbers, or beyond ${MOST_WEIGHT}`);
  return { card, model: { name: card.name, layers, calibration: card.calibration.points } };
}

function parsed<T>(schema: z.ZodType<T>, folder: string, name: string): T {
  const text = readInside(folder, name, MOST_JSON_BYTES).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ModelFault(`${folder}/${name} is no JSON`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ModelFault(`${folder}/${name}: ${issue.path.join('.') || 'the whole'}: ${issue.message}`);
}

function calibrationFault(points: ModelCard['calibration']['points']): string | undefined {
  const rising = points.every(
    ([error, surprise], i) => error > 0 && (i === 0 || (error > points[i - 1][0] && surprise > points[i - 1][1])),
  );
  return rising ? undefined : 'calibration: points must rise in error and surprise';
}

/** Where TensorFlow.js would make another net of the folder than the card says. */
function differenceOf({ modelTopology, weightsManifest }: ModelJson, { layers }: ModelCard): string | undefined {
  const { config } = 'model_config' in modelTopology ? modelTopology.model_config : modelTopology;
  const dense = config.layers.filter(({ class_name }) => class_name !== 'InputLayer');
  const same = dense.every(
    ({ class_name, config: { units, activation } }, i) =>
      class_name === 'Dense' && units === layers[i]?.units && activation === layers[i]?.activation,
  );
  if (!same || dense.length !== layers.length) return 'modelTopology is not that of the card';
  const shapes = layers.flatMap(({ inputs, units }) => [[inputs, units], [units]]);
  const { weights } = weightsManifest[0];
  const fits = weights.length === shapes.length && weights.every(({ shape }, i) => shape.join() === shapes[i].join());
  return fits ? undefined : 'weightsManifest has other shapes than the card';
}

/** Kernel and bias of each layer, one after another, little endian. */
function layersOf(bytes: Buffer, { layers }: ModelCard): readonly Layer[] {
  let at = 0;
  const take = (count: number): Float32Array => {
    const numbers = Float32Array.from({ length: count }, (_, i) => bytes.readFloatLE(at + 4 * i));
    at += 4 * count;
    return numbers;
  };
  return layers.map(({ inputs, units, activation }) => ({
    units,
    activation,
    kernel: take(inputs * units),
    bias: take(units),
  }));
}

const sane = (numbers: Float32Array): boolean => numbers.every((x) => Math.abs(x) <= MOST_WEIGHT);
