import { nearest } from '../adapters/nearest';
import { type Format, formats } from '../config';

interface Words {
  readonly options: ReadonlyMap<string, string | true>;
  readonly faults: string[];
}

/** The value of `--format`; adds to the faults of `words`. */
export const formatArgument = (words: Words): Format | undefined => {
  const value = words.options.get('format');
  if (value === undefined || value === true) return undefined;
  const found = formats.find((known) => known === value);
  if (found === undefined) {
    const near = nearest(value, formats);
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    words.faults.push(`--format ${JSON.stringify(value)}: expected one of ${formats.join(', ')}${hint}`);
  }
  return found;
};
