import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { faultText, loadConfig, readConfig } from '../src/adapters/config-file';
import { configShape, isMap, type Shape } from '../src/adapters/config-shape';
import { configSchema } from '../src/config';
import { detectors } from '../src/detect/registry';
import { blocksOf } from './support/markdown';

const folder = join(__dirname, '..', 'config');
const complete = readFileSync(join(folder, 'keywatch.kafka.yaml'), 'utf8');
const options = { checkFiles: false, detectors: detectors.map((detector) => detector.name) };

/** The text with every setting on. A sentence has one space after its #; a setting has none, or its indentation by twos. */
const switchOn = (text: string) => text.replace(/^( *)#(?=(?: {2})*(?:- )?[a-zA-Z]+:)/gm, '$1');
const switchedOn = switchOn(complete);

/** Every name that may be written, as paths without positions; alternatives by kind side by side. */
const namesOf = (shape: Shape, path: string): string[] => [
  ...[shape.items, ...(shape.oneOf ?? [])].flatMap((inner) => (inner ? namesOf(inner, path) : [])),
  ...Object.entries(shape.properties ?? {}).flatMap(([name, inner]) => [
    `${path}.${name}`,
    ...namesOf(inner, `${path}.${name}`),
  ]),
];

const namesIn = (value: unknown, path: string): string[] => {
  if (Array.isArray(value)) return value.flatMap((item) => namesIn(item, path));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => [`${path}.${name}`, ...namesIn(inner, `${path}.${name}`)]);
};

test.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s is sound', (name) => {
  expect(loadConfig(join(folder, name), options)).toMatchObject({ ok: true });
});

test('the example of a mapping is sound with every setting on', () => {
  const text = switchOn(readFileSync(join(folder, 'keywatch.mapping.yaml'), 'utf8'));
  const loaded = readConfig(text, options);
  if (!loaded.ok) throw new Error(loaded.faults.map(faultText).join('\n'));
  expect(Object.keys(loaded.config.ingest.mapping?.constants ?? {})).toContain('tenant');
});

test('the complete example equals the defaults', () => {
  const loaded = readConfig(complete, options);
  if (!loaded.ok) throw new Error('refused');
  const { kind, brokers, topic } = loaded.config.source as { kind: string; brokers: string[]; topic: string };
  expect(loaded.config).toEqual(configSchema.parse({ source: { kind, brokers, topic } }));
});

test('the complete example gives every value that has a default', () => {
  const loaded = readConfig(complete, options);
  if (!loaded.ok) throw new Error('refused');
  const silent = loaded.origins.filter(({ origin }) => origin === 'default').map(({ path }) => path);
  // The second rule shows how short one may be; what is off stands commented out.
  const left = silent.filter(
    (path) =>
      !/^policy\.rules\[1\]|^(detect\.detectors|policy\.tiers|deadLetters|maintenance|addressLists)\b/.test(path),
  );
  expect(left).toEqual([]);
});

test('with every setting on, the complete example is sound and leaves no name out', () => {
  // As its comment says, a pepper before goes with a version above 1.
  const loaded = readConfig(switchedOn.replace('pepperVersion: 1', 'pepperVersion: 2'), options);
  if (!loaded.ok) throw new Error(loaded.faults.map(faultText).join('\n'));
  const known = new Set(namesOf(configShape, ''));
  // The examples of a file as source, of outputs to a SIEM, and of a mapping have these.
  const file = parse(readFileSync(join(folder, 'keywatch.file.yaml'), 'utf8'));
  const siem = parse(switchOn(readFileSync(join(folder, 'keywatch.siem.yaml'), 'utf8')));
  const { ingest } = parse(switchOn(readFileSync(join(folder, 'keywatch.mapping.yaml'), 'utf8')));
  // Only one of them can act: each has an example of its own.
  const page = readFileSync(join(folder, '..', 'docs', 'enforcers.md'), 'utf8');
  const via = blocksOf(page)
    .filter(({ language }) => language === 'yaml')
    .map(({ text }) => parse(text).enforce.via);
  const elsewhere = new Set(namesIn({ source: file.source, alerts: siem.alerts, ingest, enforce: { via } }, ''));
  const named = new Set(namesIn(loaded.config, ''));
  expect([...known].filter((name) => !named.has(name) && !elsewhere.has(name))).toEqual([]);
});

test('the least configuration has its source alone', () => {
  const loaded = loadConfig(join(folder, 'keywatch.minimal.yaml'), options);
  if (!loaded.ok) throw new Error('refused');
  const given = loaded.origins.filter(({ origin }) => origin === 'file').map(({ path }) => path);
  expect(given).toEqual(['source.kind', 'source.brokers[0]', 'source.topic']);
});
