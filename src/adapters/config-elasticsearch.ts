import type { Finding } from './config-faults';
import { isMap, maps, ms, type Path, pathText } from './config-shape';

/** What the fields of the outputs to Elasticsearch mean together. */
export const elasticsearchFindings = (document: unknown): Finding[] => {
  const outputs = maps(document, ['alerts']).filter(([, output]) => output.kind === 'elasticsearch');
  return [...outputs.flatMap(([path, output]) => outputFindings(path, output)), ...sharedFindings(outputs)];
};

const outputFindings = (path: Path, output: Record<string, unknown>): Finding[] => {
  const found: Finding[] = [];
  const nodes = nodesOf(output);
  for (const [i, node] of nodes.entries()) {
    const place = [...path, 'nodes', i];
    if (node.username !== '' || node.password !== '') {
      found.push({ path: place, expected: 'expected no user or password in the address: use basic or apiKeyFrom' });
    }
    if (node.search !== '' || node.hash !== '')
      found.push({ path: place, expected: 'expected no ? or # in the address' });
    if (node.protocol !== 'http:') continue;
    if (output.allowHttp !== true) {
      found.push({ path: place, expected: 'expected https://, or allowHttp: true beside it' });
    } else if (isMap(output.tls)) {
      found.push({ path: place, expected: 'expected https://, since tls is given' });
    }
  }
  if (output.apiKeyFrom !== undefined && output.basic !== undefined) {
    found.push({ path: [...path, 'basic'], expected: 'expected apiKeyFrom or basic, not both' });
  }
  if (isMap(output.tls) && output.tls.caFile !== undefined && output.tls.caFingerprint !== undefined) {
    found.push({ path: [...path, 'tls', 'caFingerprint'], expected: 'expected caFile or caFingerprint, not both' });
  }
  for (const name of ['requestTimeout', 'retention']) {
    if (ms(output[name]) === 0) found.push({ path: [...path, name], expected: 'expected more than zero' });
  }
  if (output.ilmPolicy !== undefined && output.retention !== undefined) {
    found.push({ path: [...path, 'retention'], expected: 'expected retention or ilmPolicy, not both' });
  }
  return found;
};

/** Each output has a data stream of its own; all of a cluster have one template, and so one retention. */
const sharedFindings = (outputs: readonly [Path, Record<string, unknown>][]): Finding[] => {
  const found: Finding[] = [];
  const clusters = new Map<string, { path: Path; kept: unknown; namespaces: Set<unknown> }>();
  for (const [path, output] of outputs) {
    const [node] = nodesOf(output);
    if (node === undefined) continue;
    const kept = output.ilmPolicy ?? output.retention ?? '90d';
    const namespace = output.namespace ?? 'default';
    const before = clusters.get(node.host);
    if (before === undefined) {
      clusters.set(node.host, { path, kept, namespaces: new Set([namespace]) });
      continue;
    }
    if (before.kept !== kept) {
      const expected = `expected the retention of ${pathText(before.path)}: alerts of one cluster share their template`;
      found.push({ path: [...path, output.ilmPolicy === undefined ? 'retention' : 'ilmPolicy'], expected });
    }
    if (before.namespaces.has(namespace)) {
      found.push({ path: [...path, 'namespace'], expected: 'expected a namespace of its own in this cluster' });
    }
    before.namespaces.add(namespace);
  }
  return found;
};

const nodesOf = (output: Record<string, unknown>): URL[] =>
  (Array.isArray(output.nodes) ? output.nodes : [])
    .filter((node): node is string => typeof node === 'string' && URL.canParse(node))
    .map((node) => new URL(node));
