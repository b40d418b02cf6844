import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardObjects } from '../../integrations/kibana/dashboard';
import { detectionRule, ruleExportText } from '../../integrations/kibana/detection-rule';
import { exportText, type SavedObject } from '../../integrations/kibana/saved-object';
import { dataStreamName } from '../../src/adapters/elasticsearch/data-stream';
import { alertMappings } from '../../src/adapters/elasticsearch/mappings';
import { publishedSchemas } from '../../src/adapters/schemas';
import { techniques } from '../../src/domain/threat';
import { termsOf } from '../support/kql';

const folder = join(__dirname, '..', '..', 'integrations', 'kibana');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

interface Node {
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

/** The node at a dotted path of a JSON Schema or a mapping; lists are walked into. */
const nodeAt = (root: Node, path: string): Node | undefined =>
  path.split('.').reduce<Node | undefined>((node, step) => {
    const properties = node?.properties ?? node?.items?.properties;
    return properties !== undefined && Object.hasOwn(properties, step) ? properties[step] : undefined;
  }, root);

const schema = publishedSchemas()['alert.schema.json'] as Node;
/** Written by the output or the index, not by keywatch's core. */
const beside = ['event.ingested'];

/** How the template indexes a field; throws where the template or the alert schema has none of this name. */
const mappedAs = (field: string): string => {
  if (!beside.includes(field) && nodeAt(schema, field) === undefined) {
    throw new Error(`no alert has the field ${field}`);
  }
  const type = nodeAt(alertMappings as Node, field)?.type;
  if (typeof type !== 'string') throw new Error(`the template does not index ${field}`);
  return type;
};

/** Values that the schema allows for a field; undefined where it allows any. */
const allowedIn = (field: string): readonly unknown[] | undefined => {
  const node = nodeAt(schema, field);
  const plain = node?.items ?? node;
  if (plain?.const !== undefined) return [plain.const];
  const union = plain?.anyOf?.flatMap((one) => (one.const === undefined ? [] : [one.const]));
  return plain?.enum ?? (union?.length ? union : undefined);
};

/** The parts of a Lens chart's state that are looked at. */
interface Column {
  readonly operationType: string;
  readonly sourceField?: string;
  readonly dataType: string;
  readonly isBucketed: boolean;
  readonly params: {
    readonly filters?: readonly { readonly input: { readonly query: string } }[];
    readonly orderBy?: { readonly columnId: string };
  };
}
interface Layer {
  readonly columns: Readonly<Record<string, Column>>;
  readonly columnOrder: readonly string[];
}
interface ChartPart {
  readonly metricAccessor?: string;
  readonly xAccessor?: string;
  readonly splitAccessor?: string;
  readonly accessors?: readonly string[];
  readonly primaryGroups?: readonly string[];
  readonly metrics?: readonly string[];
  readonly columns?: readonly { readonly columnId: string }[];
}
interface LensState {
  readonly query: { readonly query: string };
  readonly datasourceStates: { readonly formBased: { readonly layers: Readonly<Record<string, Layer>> } };
  readonly visualization: ChartPart & { readonly layers?: readonly ChartPart[] };
}

const checkQuery = (query: string): void => {
  for (const { field, operator, value } of termsOf(query)) {
    const type = mappedAs(field);
    if (operator !== ':') expect(['long', 'float', 'date']).toContain(type);
    if (value === '*') continue;
    const allowed = allowedIn(field)?.map(String);
    if (allowed !== undefined) expect(allowed).toContain(value);
  }
};

test('the files are what their sources say (else: npm run kibana)', () => {
  expect(read('keywatch.ndjson')).toBe(exportText(dashboardObjects));
  expect(read('detection-rule.ndjson')).toBe(ruleExportText());
});

describe('keywatch.ndjson', () => {
  const lines = linesOf(read('keywatch.ndjson'));
  const objects = lines.slice(0, -1) as SavedObject[];
  const placeOf = ({ type, id }: { type: string; id: string }) => `${type} ${id}`;
  const ofType = (type: string) => objects.filter((object) => object.type === type);
  const [view] = ofType('index-pattern');
  const [dashboard] = ofType('dashboard');

  test('is objects of known shape, each once, and a summary that counts them', () => {
    expect(new Set(objects.map(placeOf)).size).toBe(objects.length);
    for (const object of objects) {
      expect(Object.keys(object).sort()).toEqual(
        ['attributes', 'coreMigrationVersion', 'id', 'references', 'type', 'typeMigrationVersion'].sort(),
      );
      expect(object.id).toMatch(/^keywatch-[a-z-]+$/);
      // Kibana refuses what is newer than itself: the oldest that is supported is 8.19.
      for (const version of [object.coreMigrationVersion, object.typeMigrationVersion]) {
        const [major, minor] = version.split('.').map(Number);
        expect(major * 100 + minor).toBeLessThanOrEqual(819);
      }
    }
    expect(lines.at(-1)).toMatchObject({ exportedCount: objects.length, missingRefCount: 0 });
  });

  test('every reference leads to an object of the file, with nothing left over', () => {
    const known = new Set(objects.map(placeOf));
    const wanted = objects.flatMap(({ references }) => references);
    expect(wanted.filter((reference) => !known.has(placeOf(reference)))).toEqual([]);
    const used = new Set(wanted.map(placeOf));
    expect(objects.filter((object) => !used.has(placeOf(object))).map(placeOf)).toEqual([placeOf(dashboard)]);
  });

  test('the data view is that of the data stream, by its time', () => {
    expect(view.attributes).toMatchObject({ title: dataStreamName('*'), timeFieldName: '@timestamp' });
    expect(mappedAs('@timestamp')).toBe('date');
  });

  test('the panels of the dashboard are there, within 48 columns, and none lies over another', () => {
    const panels = JSON.parse(String(dashboard.attributes.panelsJSON));
    expect(panels.length).toBeGreaterThanOrEqual(10);
    const names = new Map(dashboard.references.map(({ name, type }) => [name, type]));
    const cells = new Set<string>();
    for (const { panelIndex, panelRefName, type, gridData } of panels) {
      expect(names.get(`${panelIndex}:${panelRefName}`)).toBe(type);
      expect(gridData.i).toBe(panelIndex);
      expect(gridData.x + gridData.w).toBeLessThanOrEqual(48);
      for (let x = gridData.x; x < gridData.x + gridData.w; x++) {
        for (let y = gridData.y; y < gridData.y + gridData.h; y++) {
          expect(cells.has(`${x} ${y}`)).toBe(false);
          cells.add(`${x} ${y}`);
        }
      }
    }
    expect(names.size).toBe(panels.length);
    for (const name of ['optionsJSON', 'panelsJSON'])
      expect(() => JSON.parse(String(dashboard.attributes[name]))).not.toThrow();
  });

  describe.each(ofType('lens').map((object) => [object.id, object] as const))('%s', (_, object) => {
    const state = object.attributes.state as LensState;
    const layers = Object.entries(state.datasourceStates.formBased.layers);

    test('its layers have a data view, and its chart names columns that are there', () => {
      expect(object.references.map(({ name, id }) => [name, id])).toEqual(
        layers.map(([id]) => [`indexpattern-datasource-layer-${id}`, view.id]),
      );
      const columns = new Set(layers.flatMap(([, layer]) => Object.keys(layer.columns)));
      const { visualization } = state;
      const shown = [visualization, ...(visualization.layers ?? [])].flatMap((part) => [
        ...[part.metricAccessor, part.xAccessor, part.splitAccessor].filter((name) => name !== undefined),
        ...(part.accessors ?? []),
        ...(part.primaryGroups ?? []),
        ...(part.metrics ?? []),
        ...(part.columns ?? []).map(({ columnId }) => columnId),
      ]);
      expect(new Set(shown)).toEqual(columns);
      for (const [, layer] of layers) expect([...layer.columnOrder].sort()).toEqual(Object.keys(layer.columns).sort());
    });

    test('its queries and columns use fields that alerts have, as the template indexes them', () => {
      checkQuery(state.query.query);
      for (const [, layer] of layers) {
        for (const column of Object.values(layer.columns)) {
          const { operationType, sourceField, params } = column;
          if (operationType === 'filters') {
            for (const { input } of params.filters ?? []) checkQuery(input.query);
            continue;
          }
          if (sourceField === undefined) throw new Error(`${operationType} without a field`);
          if (sourceField === '___records___') {
            expect(operationType).toBe('count');
            continue;
          }
          const type = mappedAs(sourceField);
          const fit: Record<string, readonly string[]> = {
            date_histogram: ['date'],
            terms: ['keyword', 'ip'],
            unique_count: ['keyword', 'ip'],
            max: ['long', 'float', 'date'],
          };
          expect(fit[operationType]).toContain(type);
          if (operationType === 'max') expect(column.dataType).toBe(type === 'date' ? 'date' : 'number');
          if (operationType === 'terms') {
            const by = layer.columns[params.orderBy?.columnId ?? ''];
            expect(by.isBucketed).toBe(false);
          }
        }
      }
    });
  });

  test('the search shows fields that alerts have', () => {
    const [search] = ofType('search');
    const { columns, sort, kibanaSavedObjectMeta } = search.attributes as {
      columns: string[];
      sort: [string, string][];
      kibanaSavedObjectMeta: { searchSourceJSON: string };
    };
    for (const field of [...columns, ...sort.map(([name]) => name)]) expect(mappedAs(field)).toBeTruthy();
    const source = JSON.parse(kibanaSavedObjectMeta.searchSourceJSON);
    checkQuery(source.query.query);
    expect(search.references.map(({ name }) => name)).toEqual([source.indexRefName]);
  });

  test('every status that a panel is about is one that keywatch writes', () => {
    expect(() => checkQuery('event.kind : signal')).toThrow();
    expect(() => checkQuery('event.knid : alert')).toThrow();
    expect(() => checkQuery('event.reason >= 3')).toThrow();
  });
});

describe('detection-rule.ndjson', () => {
  const [rule, summary, ...more] = linesOf(read('detection-rule.ndjson'));

  test('is one rule and the summary of an export', () => {
    expect(more).toEqual([]);
    expect(rule).toEqual(detectionRule);
    expect(summary).toMatchObject({ exported_count: 1, exported_rules_count: 1, missing_rules_count: 0 });
    expect(rule.rule_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('raises exactly the alerts of the data stream, and names fields that are there', () => {
    expect(rule.index).toEqual([dataStreamName('*')]);
    checkQuery(rule.query);
    expect(termsOf(rule.query)).toContainEqual({ negated: false, field: 'event.kind', operator: ':', value: 'alert' });
    const fields: string[] = [
      rule.timestamp_override,
      rule.rule_name_override,
      ...rule.severity_mapping.map(({ field }: { field: string }) => field),
      ...rule.risk_score_mapping.map(({ field }: { field: string }) => field),
      ...rule.investigation_fields.field_names,
    ];
    for (const field of fields) expect(mappedAs(field)).toBeTruthy();
    for (const { name, type } of rule.required_fields) expect(mappedAs(name)).toBe(type);
  });

  test('has a severity for each that an alert may have', () => {
    const mapped = rule.severity_mapping.map(({ value }: { value: string }) => Number(value));
    expect(mapped).toEqual(allowedIn('event.severity'));
  });

  test('looks back further than it waits, so that none falls between two runs', () => {
    const minutes = (text: string) => Number(/(\d+)m$/.exec(text)?.[1]);
    expect(minutes(rule.from)).toBeGreaterThan(minutes(rule.interval));
  });

  test('its techniques are those of the catalogue', () => {
    for (const { tactic, technique } of rule.threat) {
      for (const { id, subtechnique } of technique) {
        for (const child of subtechnique) {
          const known = techniques.find((one) => one.id === child.id);
          expect([known?.parent?.id, known?.tactic.id, known?.name]).toEqual([id, tactic.id, child.name]);
        }
      }
    }
  });
});
