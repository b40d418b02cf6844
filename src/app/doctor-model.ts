import { type Finding, failed, ok, warning } from '../adapters/doctor/finding';
import type { Config } from '../config';
import { readModels } from './models';

/** What a start would make of the configured models; none where they are switched off. */
export function modelFindings({ detect }: Pick<Config, 'detect'>): readonly Finding[] {
  const { standings } = readModels({ ...detect, model: { ...detect.model, onBadModel: 'ignore' } });
  return standings.map(({ path, mode, card, fault }) => {
    const check = `model ${path}`;
    if (fault === undefined)
      return ok(check, `${card?.name}, trained ${card?.training.date.slice(0, 10)}, ${how[mode]}`);
    return detect.model.onBadModel === 'ignore'
      ? warning(
          check,
          `${fault}; detection goes on without it`,
          'train it anew (keywatch train), or correct detect.model',
        )
      : failed(check, fault, 'train it anew (keywatch train), correct detect.model, or set its mode to off');
  });
}

const how = { on: 'in use', shadow: 'in shadow: it decides nothing' } as const;
