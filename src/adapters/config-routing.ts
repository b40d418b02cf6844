import { isZone } from '../domain/inventory';
import type { Finding } from './config-faults';
import { chosenShape, configShape, isMap, maps, ms, type Path, valueAt } from './config-shape';

/** What the fields of routing and maintenance windows mean together. */
export const routingFindings = (document: unknown): Finding[] => [
  ...maps(document, ['alerts']).flatMap(([path, output]) => limitFindings(path, output)),
  ...windowFindings(document),
];

const limitFindings = (path: Path, output: Record<string, unknown>): Finding[] => {
  if (!isMap(output.rateLimit)) return [];
  const found: Finding[] = [];
  if (output.record ?? isRecordByDefault(output)) {
    found.push({
      path: [...path, 'rateLimit'],
      expected: 'a record is kept whole: set record: false beside it if this output interrupts people',
    });
  }
  const window = ms(output.rateLimit.window ?? '1h');
  if (window < 60_000 || window > 604_800_000) {
    found.push({ path: [...path, 'rateLimit', 'window'], expected: 'expected between 1m and 7d' });
  }
  return found;
};

const isRecordByDefault = (output: unknown): boolean => {
  const outputs = configShape.properties?.alerts?.items;
  return outputs !== undefined && chosenShape(outputs, output)?.properties?.record?.default === true;
};

const windowFindings = (document: unknown): Finding[] => {
  const found: Finding[] = [];
  const names = new Set<unknown>();
  for (const [path, window] of maps(document, ['maintenance'])) {
    if (names.has(window.name) && window.name !== undefined) {
      found.push({ path: [...path, 'name'], expected: 'expected a name of its own; another window has the same' });
    }
    names.add(window.name);
    const once = window.from !== undefined || window.to !== undefined;
    if (once === (window.weekly !== undefined)) {
      found.push({ path, expected: 'expected either from and to, or weekly' });
    } else if (once) {
      const [from, to] = [window.from, window.to].map((time) =>
        typeof time === 'string' ? Date.parse(time) : Number.NaN,
      );
      const missing = window.from === undefined ? 'from' : 'to';
      if (window[missing] === undefined)
        found.push({ path: [...path, missing], expected: 'required beside the other end' });
      else if (to <= from) found.push({ path: [...path, 'to'], expected: 'expected later than from' });
    }
    const zone = valueAt(window, ['weekly', 'zone']);
    if (typeof zone === 'string' && !isZone(zone)) {
      found.push({ path: [...path, 'weekly', 'zone'], expected: 'expected an IANA time zone such as Europe/Berlin' });
    }
  }
  return found;
};
