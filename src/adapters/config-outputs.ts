import { isIP } from 'node:net';
import type { Finding } from './config-faults';
import { isMap, maps, ms, type Path, pathText } from './config-shape';
import { addressRules } from './webhook/address-rules';

type Output = Readonly<Record<string, unknown>>;

/** What the fields of the outputs splunk, syslog, webhook and chat mean together. */
export const outputFindings = (document: unknown): Finding[] => {
  const outputs = maps(document, ['alerts']);
  return [...outputs.flatMap(([path, output]) => findingsOf(path, output)), ...sharedFindings(outputs)];
};

const kinds = new Set<unknown>(['splunk', 'syslog', 'webhook', 'chat']);

const findingsOf = (path: Path, output: Output): Finding[] => {
  if (!kinds.has(output.kind)) return [];
  const found: Finding[] = [];
  for (const name of ['timeout', 'ackTimeout']) {
    if (ms(output[name]) === 0) found.push({ path: [...path, name], expected: 'expected more than zero' });
  }
  if (output.kind === 'syslog') {
    if (isMap(output.tls) && (output.protocol ?? 'tls') !== 'tls') {
      found.push({ path: [...path, 'tls'], expected: `expected protocol: tls beside it, not ${output.protocol}` });
    }
    return found;
  }
  return [...found, ...urlFindings(path, output)];
};

const urlFindings = (path: Path, output: Output): Finding[] => {
  const found: Finding[] = [];
  const place = [...path, 'url'];
  const url = typeof output.url === 'string' && URL.canParse(output.url) ? new URL(output.url) : undefined;
  if (url === undefined) return found;
  if (url.protocol === 'http:' && output.allowHttp !== true) {
    found.push({ path: place, expected: 'expected https://, or allowHttp: true beside it' });
  }
  if (url.username !== '' || url.password !== '') {
    found.push({ path: place, expected: 'expected no user or password in the address' });
  }
  if (output.kind === 'splunk') {
    if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
      found.push({ path: place, expected: 'expected the address without a path: /services/collector/event is added' });
    }
    if (url.protocol === 'http:' && isMap(output.tls)) {
      found.push({ path: place, expected: 'expected https://, since tls is given' });
    }
    return found;
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isOpen(output, host)) {
    found.push({ path: [...path, 'allowPrivate'], expected: 'expected to name the private address of url' });
  }
  return found;
};

/** Entries that are no address or CIDR are another check's matter. */
const isOpen = (output: Output, host: string): boolean => {
  const named = Array.isArray(output.allowPrivate) ? output.allowPrivate : [];
  try {
    return addressRules(named.filter((entry) => typeof entry === 'string'))(host);
  } catch {
    return true;
  }
};

/** Two outputs of one name would share a position in the outbox, and each would miss what the other acknowledged. */
const sharedFindings = (outputs: readonly [Path, Output][]): Finding[] => {
  const found: Finding[] = [];
  const taken = new Map<string, Path>();
  for (const [path, output] of outputs) {
    const place = placeOf(output);
    if (place === undefined) continue;
    const first = taken.get(place.key);
    if (first === undefined) taken.set(place.key, path);
    else {
      const expected = `expected a receiver of its own; ${pathText(first)} uses the same`;
      found.push({ path: [...path, place.field], expected });
    }
  }
  return found;
};

const placeOf = (output: Output): { readonly key: string; readonly field: string } | undefined => {
  const { kind, url, urlFrom, host, style } = output;
  if (kind === 'splunk' && typeof url === 'string' && URL.canParse(url)) {
    return { key: `splunk ${new URL(url).host} ${output.index ?? ''}`, field: 'url' };
  }
  if (kind === 'webhook' && typeof url === 'string') return { key: `webhook ${url}`, field: 'url' };
  if (kind === 'chat' && typeof urlFrom === 'string') return { key: `chat ${style} ${urlFrom}`, field: 'urlFrom' };
  if (kind !== 'syslog' || typeof host !== 'string') return undefined;
  const protocol = output.protocol ?? 'tls';
  return { key: `syslog ${protocol} ${host} ${output.port ?? (protocol === 'tls' ? 6_514 : 514)}`, field: 'host' };
};
