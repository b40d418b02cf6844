import { z } from 'zod';
import { configSchema } from '../config';

/** The parts of a JSON Schema that the configuration's schema uses. */
export interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: boolean | Shape;
  readonly items?: Shape;
  readonly oneOf?: readonly Shape[];
  readonly anyOf?: readonly Shape[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
}

export type Path = readonly (string | number)[];

/** What may be written in a configuration file, derived from the schema: names, defaults, descriptions. */
export const configShape = z.toJSONSchema(configSchema, { io: 'input' }) as Shape;

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `policy.rules[0].when`; a name that is no plain word is quoted, so that it cannot pass for something else. */
export const pathText = (path: Path): string =>
  path
    .map((step, i) => {
      if (typeof step === 'number') return `[${step}]`;
      const word = /^[A-Za-z0-9_-]{1,64}$/.test(step) ? step : JSON.stringify(step.slice(0, 64));
      return i === 0 ? word : `.${word}`;
    })
    .join('');

/** The value at a path of a document; undefined where there is none. */
export const valueAt = (document: unknown, path: Path): unknown => {
  let value = document;
  for (const step of path) {
    if (Array.isArray(value) && typeof step === 'number') value = value[step];
    else if (isMap(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
};

/** Of alternatives told apart by `kind`, the one that this value is; undefined when its `kind` names none. */
export const chosenShape = (shape: Shape, value: unknown): Shape | undefined =>
  shape.oneOf ? shape.oneOf.find((one) => isMap(value) && one.properties?.kind?.const === value.kind) : shape;

export const shapeAt = (document: unknown, path: Path): Shape | undefined => {
  let shape: Shape | undefined = configShape;
  let value = document;
  for (const step of path) {
    shape = shape && chosenShape(shape, value);
    if (typeof step === 'number') shape = shape?.items;
    else if (shape?.properties && Object.hasOwn(shape.properties, step)) shape = shape.properties[step];
    else shape = typeof shape?.additionalProperties === 'object' ? shape.additionalProperties : undefined;
    value = valueAt(value, [step]);
  }
  return shape;
};

/** Names that a map at this path may hold. */
export const namesAt = (document: unknown, path: Path): string[] => {
  const shape = shapeAt(document, path);
  const chosen = shape && chosenShape(shape, valueAt(document, path));
  return Object.keys(chosen?.properties ?? {});
};

/** Where in the schema a name stands, without positions in lists: `policy.rules.when.signs`. */
export const placesOfName = (name: string, shape: Shape = configShape, path = ''): string[] => [
  ...[shape.items, ...(shape.oneOf ?? [])].flatMap((inner) => (inner ? placesOfName(name, inner, path) : [])),
  ...Object.entries(shape.properties ?? {}).flatMap(([own, inner]) => {
    const place = path === '' ? own : `${path}.${own}`;
    return [...(own === name ? [place] : []), ...placesOfName(name, inner, place)];
  }),
];

/** Calls `visit` for every value of a document that is neither a map nor a list. */
export const visitLeaves = (document: unknown, visit: (path: Path, value: unknown) => void, path: Path = []): void => {
  if (Array.isArray(document)) for (const [i, item] of document.entries()) visitLeaves(item, visit, [...path, i]);
  else if (isMap(document)) for (const [k, v] of Object.entries(document)) visitLeaves(v, visit, [...path, k]);
  else visit(path, document);
};

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration as written; NaN for anything else, which compares as false. */
export const ms = (text: unknown): number => {
  const match = typeof text === 'string' ? /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) : null;
  return match ? Number(match[1]) * unitMs[match[2]] : Number.NaN;
};

/** The maps of a list at a path, each with its own path; none where there is no list. */
export const maps = (document: unknown, path: Path): [Path, Record<string, unknown>][] => {
  const list = valueAt(document, path);
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, i): [Path, Record<string, unknown>][] => (isMap(item) ? [[[...path, i], item]] : []));
};
