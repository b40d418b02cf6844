import { templatesOf } from '../../../src/adapters/elasticsearch/templates';
import { publishedSchemas } from '../../../src/adapters/schemas';

interface Shape {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
}
interface Mapped {
  readonly type?: string;
  readonly dynamic?: unknown;
  readonly ignore_above?: number;
  readonly ignore_malformed?: boolean;
  readonly properties?: Readonly<Record<string, Mapped>>;
}

const templates = templatesOf({ retentionMs: 90 * 86_400_000 });
const [mappings, settings, index] = templates.map(({ body }) => body) as unknown as [
  { template: { mappings: Mapped } },
  { template: { settings: Record<string, unknown>; lifecycle?: unknown } },
  Record<string, unknown>,
];

/** Every field that an alert can carry, as `a.b.c`, with its shape; arrays are their items. */
const fieldsOf = (shape: Shape, path: string): [string, Shape][] => {
  if (shape.items) return fieldsOf(shape.items, path);
  if (!shape.properties) return [[path, shape]];
  return Object.entries(shape.properties).flatMap(([name, inner]) =>
    fieldsOf(inner, path === '' ? name : `${path}.${name}`),
  );
};
const mappedFields = (mapped: Mapped, path: string): [string, Mapped][] => {
  if (!mapped.properties) return [[path, mapped]];
  return Object.entries(mapped.properties).flatMap(([name, inner]) =>
    mappedFields(inner, path === '' ? name : `${path}.${name}`),
  );
};

const fields = fieldsOf(publishedSchemas()['alert.schema.json'] as Shape, '');
const mapped = new Map(mappedFields(mappings.template.mappings, ''));
/** Set by the sink when it sends. */
const added = ['event.ingested', 'data_stream.type', 'data_stream.dataset', 'data_stream.namespace'];

test('there are fields to speak of', () => expect(fields.length).toBeGreaterThan(40));

test.each(fields)('%s has a mapping', (name) => expect(mapped.get(name)?.type).toMatch(/\S/));

test('nothing is mapped that no alert carries', () => {
  const known = new Set([...fields.map(([name]) => name), ...added]);
  expect([...mapped.keys()].filter((name) => !known.has(name))).toEqual([]);
});

test.each(fields)('%s is mapped as what it is', (name, shape) => {
  const type = mapped.get(name)?.type ?? '';
  if (shape.format === 'date-time') expect(type).toBe('date');
  else if (shape.type === 'number') expect(['float', 'long']).toContain(type);
  else if (shape.type === 'integer') expect(type).toBe('long');
  else if (shape.type === 'string') expect(['keyword', 'match_only_text', 'ip']).toContain(type);
});

test('no value of the log can make a field, refuse an alert by its length, or by its form but for the time', () => {
  const dynamic = (place: Mapped): unknown[] => [
    ...(place.dynamic === undefined ? [] : [place.dynamic]),
    ...Object.values(place.properties ?? {}).flatMap(dynamic),
  ];
  expect(dynamic(mappings.template.mappings)).toEqual([false]);
  for (const [name, { type, ignore_above }] of mapped)
    if (type === 'keyword') expect([name, ignore_above]).toEqual([name, 1_024]);
  expect(settings.template.settings['index.mapping.ignore_malformed']).toBe(true);
  expect(mapped.get('@timestamp')?.ignore_malformed).toBe(false);
});

test('External Alerts and entity risk find what they read: in logs-*, by these fields', () => {
  expect(index).toMatchObject({ index_patterns: ['logs-keywatch.alert-*'], data_stream: {}, priority: 250 });
  const read = {
    'event.kind': 'keyword',
    'event.ingested': 'date',
    'event.severity': 'long',
    'event.risk_score': 'float',
    message: 'match_only_text',
    'user.name': 'keyword',
    'user.id': 'keyword',
  };
  for (const [name, type] of Object.entries(read)) expect([name, mapped.get(name)?.type]).toEqual([name, type]);
});

test.each([
  [90 * 86_400_000, '90d'],
  [36 * 3_600_000, '36h'],
  [90_000, '90s'],
  [1_500, '1500ms'],
])('%d ms of retention are %s of the stream’s own lifecycle', (retentionMs, data_retention) => {
  expect(templatesOf({ retentionMs })[1].body.template).toMatchObject({ lifecycle: { data_retention } });
});

test('an index lifecycle policy takes the place of the stream’s own lifecycle', () => {
  const body = templatesOf({ ilmPolicy: 'logs' })[1].body.template as Record<string, unknown>;
  expect(body).toMatchObject({ settings: { 'index.lifecycle.name': 'logs' } });
  expect(body).not.toHaveProperty('lifecycle');
});

test('the digest tells what a template says from anything else', () => {
  const digests = (list: typeof templates) => list.map(({ body }) => body._meta.digest);
  expect(digests(templatesOf({ retentionMs: 90 * 86_400_000 }))).toEqual(digests(templates));
  const other = digests(templatesOf({ retentionMs: 30 * 86_400_000 }));
  expect(other.map((digest, i) => digest === digests(templates)[i])).toEqual([true, false, true]);
});
