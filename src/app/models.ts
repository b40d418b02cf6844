import { join } from 'node:path';
import type { ModelCard } from '../adapters/model/card';
import { ModelFault } from '../adapters/model/files';
import { readModel } from '../adapters/model/read';
import type { Config } from '../config';
import type { ModelSettings } from '../detect/model';
import { OperatorError } from '../options';

/** The model that is shipped: beside `src` and `dist`. */
export const DEFAULT_MODEL = join(__dirname, '..', '..', 'models', 'default');

/** What became of a configured model. */
export interface ModelStanding {
  readonly path: string;
  readonly mode: 'shadow' | 'on';
  readonly card: ModelCard | undefined;
  /** Why it is not used. */
  readonly fault: string | undefined;
}

export interface Models {
  /** For the engine; undefined where no model is to run. */
  readonly models: ModelSettings['models'] | undefined;
  readonly standings: readonly ModelStanding[];
}

/**
 * Reads the configured models. One that cannot be used throws OperatorError, or with `onBadModel: ignore` is left out and
 * named in `standings`; detection goes on without it.
 */
export function readModels({ model }: Config['detect']): Models {
  if (model.mode === 'off') return { models: undefined, standings: [] };
  const wanted: { path: string; mode: 'shadow' | 'on' }[] = [
    { path: model.path ?? DEFAULT_MODEL, mode: model.mode },
    ...(model.beside === undefined ? [] : [{ path: model.beside, mode: 'shadow' as const }]),
  ];
  const found: ModelSettings['models'][number][] = [];
  const standings = wanted.map(({ path, mode }): ModelStanding => {
    try {
      const { model: read, card } = readModel(path);
      found.push({ model: read, used: mode === 'on' });
      return { path, mode, card, fault: undefined };
    } catch (error) {
      if (!(error instanceof ModelFault)) throw error;
      if (model.onBadModel === 'refuse') throw new OperatorError(`detect.model: ${error.message}`);
      return { path, mode, card: undefined, fault: error.message };
    }
  });
  return { models: found.length === 0 ? undefined : found, standings };
}

/** For a pass over history: only what decides. A model in shadow would cost and show nothing. */
export function decidingModels({ model }: Config['detect'], alarm: (line: string) => void): ModelSettings | undefined {
  if (model.mode !== 'on') return undefined;
  const { models, standings } = readModels({ model: { ...model, beside: undefined } } as Config['detect']);
  for (const { fault } of standings) if (fault !== undefined) alarm(`without the model: ${fault}`);
  return models && { models };
}
