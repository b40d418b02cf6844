import type { Finding } from './config-faults';
import { isMap, maps, type Path, pathText, valueAt } from './config-shape';

/** Settings that name a topic of keywatch's own, with what switches them on and their defaults. */
const ownTopics: readonly { readonly path: Path; readonly kind: Path; readonly name: string }[] = [
  { path: ['state', 'checkpoints', 'topic'], kind: ['state', 'checkpoints', 'kind'], name: 'keywatch-checkpoints' },
  { path: ['enforce', 'log', 'requestsTopic'], kind: ['enforce', 'log', 'kind'], name: 'keywatch-requests' },
  { path: ['enforce', 'log', 'ledgerTopic'], kind: ['enforce', 'log', 'kind'], name: 'keywatch-ledger' },
];

/** State that lies in topics: on the brokers of the source, each in a topic of its own. */
export const stateFindings = (document: unknown): Finding[] => {
  const found: Finding[] = [];
  const source = valueAt(document, ['source']);
  const used = new Map<unknown, Path>();
  if (isMap(source) && source.kind === 'kafka') {
    used.set(source.topic, ['source', 'topic']);
    for (const [path, output] of [...maps(document, ['alerts']), ...maps(document, ['deadLetters'])])
      if (output.kind === 'kafka') used.set(output.topic, [...path, 'topic']);
  }
  for (const { path, kind, name } of ownTopics) {
    if (valueAt(document, kind) !== 'kafka') continue;
    if (isMap(source) && source.kind !== 'kafka') {
      const told = found.some((finding) => pathText(finding.path) === pathText(kind));
      if (!told) found.push({ path: kind, expected: 'expected source.kind: kafka beside it, whose brokers it uses' });
      continue;
    }
    const topic = valueAt(document, path) ?? name;
    const other = used.get(topic);
    if (other !== undefined)
      found.push({ path, expected: `expected a topic of its own; ${pathText(other)} is the same` });
    used.set(topic, path);
  }
  // Detect reads what Ingest has packed so far: where the history of the source ends is not to be seen there.
  if (valueAt(document, ['state', 'learnHistory']) === true && isMap(valueAt(document, ['source', 'log'])))
    found.push({
      path: ['state', 'learnHistory'],
      expected: 'expected false beside source.log, where it has no effect',
      hint: 'begin with source.start: latest, or with enforce.mode: dry-run until keywatch has caught up',
    });
  return found;
};
