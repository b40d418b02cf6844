import type { Finding } from './config-faults';
import { isMap, valueAt } from './config-shape';
import { ModelFault } from './model/files';
import { readModel } from './model/read';

/**
 * Models that the document names and that cannot be used. With `onBadModel: ignore` they stop no start, so they are no
 * faults here; `keywatch doctor` warns of them.
 */
export const modelFindings = (document: unknown): Finding[] => {
  const model = valueAt(document, ['detect', 'model']);
  if (!isMap(model) || model.mode === 'off' || model.onBadModel === 'ignore') return [];
  return ['path', 'beside'].flatMap((name) => {
    const problem = problemOf(model[name]);
    return problem === undefined ? [] : [{ path: ['detect', 'model', name], expected: `expected a model: ${problem}` }];
  });
};

const problemOf = (path: unknown): string | undefined => {
  if (typeof path !== 'string' || path === '') return undefined;
  try {
    readModel(path);
    return undefined;
  } catch (error) {
    if (error instanceof ModelFault) return error.message;
    throw error;
  }
};
