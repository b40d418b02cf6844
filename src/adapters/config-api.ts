import { isLoopback } from './api/hosts';
import type { Finding } from './config-faults';
import { isMap, maps, ms, type Path, pathText, valueAt } from './config-shape';

/** What of the API's settings does not go together. */
export const apiFindings = (document: unknown): Finding[] => {
  const api = valueAt(document, ['api']);
  if (!isMap(api)) return [];
  const found: Finding[] = [];
  if (typeof api.host === 'string' && !isLoopback(api.host) && api.tls === undefined && api.allowHttp !== true) {
    found.push({ path: ['api', 'tls'], expected: 'required beyond the loopback, or allowHttp: true beside it' });
  }
  const http = valueAt(document, ['http', 'port']) ?? 9464;
  const port = api.port ?? 9465;
  if (port === http && port !== 0) found.push({ path: ['api', 'port'], expected: 'expected another than http.port' });
  for (const setting of ['mute', 'muteMax']) {
    if (ms(api[setting]) === 0) found.push({ path: ['api', setting], expected: 'expected more than zero' });
  }
  if (ms(api.mute ?? '7d') > ms(api.muteMax ?? '30d')) {
    found.push({ path: ['api', 'mute'], expected: 'expected no longer than api.muteMax' });
  }
  if (ms(api.muteMax ?? '30d') > ms('30d')) {
    found.push({
      path: ['api', 'muteMax'],
      expected: 'expected at most 30d: what is harmless for longer is to be learned',
    });
  }
  const names = new Map<unknown, Path>();
  const secrets = new Map<unknown, Path>();
  for (const [path, { name, tokenFrom }] of maps(document, ['api', 'tokens'])) {
    for (const [field, value, taken] of [['name', name, names] as const, ['tokenFrom', tokenFrom, secrets] as const]) {
      const first = taken.get(value);
      if (first === undefined) taken.set(value, path);
      else if (value !== undefined)
        found.push({ path: [...path, field], expected: `expected one of its own; ${pathText(first)} has the same` });
    }
  }
  return found;
};
