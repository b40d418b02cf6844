import { dashboardObjects } from '../../integrations/kibana/dashboard';
import { detectionRule } from '../../integrations/kibana/detection-rule';
import { dataStreamName } from '../../src/adapters/elasticsearch/data-stream';
import { tell } from '../../src/decide/alert';
import { openIncident } from '../../src/decide/incident';
import type { AlertDocument } from '../../src/domain/alert';
import { noticesOf } from '../../src/enforce/notice';
import { emptyState } from '../../src/enforce/state';
import { actionRequest } from '../support/action-request';
import {
  ask,
  describeElasticsearch,
  elasticsearchUrl,
  installTemplates,
  uniqueNamespace,
} from '../support/elasticsearch';
import { aPiece } from '../support/evidence';
import { elasticsearchQuery } from '../support/kql';

const NOW = Date.UTC(2026, 2, 1, 10);
const stream = dataStreamName(uniqueNamespace());
const search = async <T>(body: object) => ask<T>(await elasticsearchUrl(), 'POST', `/${stream}/_search`, body);

/** An alert of the real composer about a key, in a country. */
function anAlert(
  key: string,
  severity: AlertDocument['event']['severity'],
  country: string,
  loud = true,
): AlertDocument {
  const subject = {
    key,
    actor: 1,
    keyKind: 'credential',
    keyName: `name of ${key}`,
    tenant: 'acme',
    tier: '',
  } as const;
  const incident = openIncident(subject, NOW);
  incident.severity = severity;
  incident.risk = severity - 10;
  incident.country = country;
  incident.addresses.push('203.0.113.9');
  incident.evidence.push(
    aPiece({ detector: 'newcomer', facet: 'actor' }),
    aPiece({ detector: severity > 50 ? 'size' : 'hours', facet: severity > 50 ? 'volume' : 'time' }),
  );
  return tell(incident, loud ? 'open' : 'updated', loud, NOW, 'enforce');
}

const muted = (document: AlertDocument): AlertDocument => ({
  ...document,
  event: { ...document.event, id: 'muted', kind: 'event' },
  keywatch: { ...document.keywatch, muted: 'load-test' },
});

const documents: readonly AlertDocument[] = [
  anAlert('k1', 99, 'BR'),
  anAlert('k2', 47, 'BR'),
  anAlert('k3', 73, 'DE'),
  anAlert('k1', 99, 'BR', false),
  muted(anAlert('k4', 73, 'FR')),
  ...(['delivered', 'held', 'undelivered'] as const).flatMap((state) =>
    noticesOf(emptyState, [{ requestId: state, state, at: NOW, request: actionRequest() }], 'enforce'),
  ),
];

interface Column {
  readonly operationType: string;
  readonly sourceField: string;
  readonly isBucketed: boolean;
  readonly params: {
    readonly size: number;
    readonly orderBy: { readonly columnId: string };
    readonly filters: readonly { readonly label: string; readonly input: { readonly query: string } }[];
  };
}
type Columns = Readonly<Record<string, Column>>;
interface Bucket {
  readonly key: string | number;
  readonly doc_count: number;
}
type Aggregated = Readonly<
  Record<string, { readonly value?: number; readonly buckets?: Bucket[] | Record<string, Bucket> }>
>;

/** The aggregations that Lens makes of a layer: buckets within buckets, metrics in the innermost. */
function aggregationsOf(columns: Columns): object {
  const metrics = Object.entries(columns).filter(
    ([, column]) => !column.isBucketed && column.operationType !== 'count',
  );
  const inner = Object.fromEntries(
    metrics.map(([name, { operationType, sourceField: field }]) => [
      name,
      operationType === 'max' ? { max: { field } } : { cardinality: { field } },
    ]),
  );
  const buckets = Object.entries(columns).filter(([, column]) => column.isBucketed);
  let aggregations: object = inner;
  for (const [name, column] of buckets.reverse()) {
    aggregations = { [name]: { ...bucketsOf(column, columns), aggs: Object.assign({}, aggregations, inner) } };
  }
  return aggregations;
}

function bucketsOf({ operationType, sourceField: field, params }: Column, columns: Columns): object {
  if (operationType === 'date_histogram') return { date_histogram: { field, fixed_interval: '1h' } };
  if (operationType === 'filters') {
    const filters = Object.fromEntries(
      params.filters.map(({ label, input }) => [label, elasticsearchQuery(input.query)]),
    );
    return { filters: { filters } };
  }
  const by = params.orderBy.columnId;
  const order = columns[by].operationType === 'count' ? '_count' : by;
  return { terms: { field, size: params.size, order: { [order]: 'desc' } } };
}

const charts = new Map(
  dashboardObjects
    .filter(({ type }) => type === 'lens')
    .map(({ id, attributes }) => {
      const state = attributes.state as {
        query: { query: string };
        datasourceStates: { formBased: { layers: Record<string, { columns: Columns }> } };
      };
      const [layer] = Object.values(state.datasourceStates.formBased.layers);
      return [id, { query: state.query.query, columns: layer.columns }] as const;
    }),
);

const drawn = new Set<string>();

async function draw(id: string): Promise<{ readonly total: number; readonly aggregations: Aggregated }> {
  const chart = charts.get(id);
  if (chart === undefined) throw new Error(`no chart ${id}`);
  drawn.add(id);
  const answer = await search<{ hits: { total: { value: number } }; aggregations?: Aggregated }>({
    size: 0,
    query: elasticsearchQuery(chart.query),
    aggs: aggregationsOf(chart.columns),
  });
  return { total: answer.hits.total.value, aggregations: answer.aggregations ?? {} };
}

const countsOf = (aggregations: Aggregated, name: string): unknown => {
  const buckets = aggregations[name]?.buckets;
  if (Array.isArray(buckets)) return Object.fromEntries(buckets.map(({ key, doc_count }) => [key, doc_count]));
  return Object.fromEntries(Object.entries(buckets ?? {}).map(([key, { doc_count }]) => [key, doc_count]));
};

describeElasticsearch('what the panels of the dashboard ask, asked of a real server with the real templates', () => {
  beforeAll(async () => {
    const url = await elasticsearchUrl();
    await installTemplates(url);
    for (const document of documents) await ask(url, 'POST', `/${stream}/_doc`, document);
    await ask(url, 'POST', `/${stream}/_refresh`);
  }, 150_000);

  it.each([
    ['keywatch-alerts-count', 3],
    ['keywatch-loud-count', 2],
    ['keywatch-suspended-count', 1],
  ])('%s counts %d', async (id, wanted) => {
    expect((await draw(id)).total).toBe(wanted);
  });

  it('keys with alerts are counted once each', async () => {
    expect((await draw('keywatch-keys-count')).aggregations.count.value).toBe(3);
  });

  it.each([
    ['keywatch-tactics', 'group', { 'Lateral Movement': 3, 'Initial Access': 3, Collection: 2, Exfiltration: 2 }],
    ['keywatch-by-country', 'x', { BR: 2, DE: 1 }],
    ['keywatch-by-detector', 'x', { newcomer: 3, size: 2, hours: 1 }],
    ['keywatch-by-tag', 'x', { 'T1550.001': 3, 'T1078.004': 3, 'API2:2023': 3, T1530: 2, T1020: 2, 'API4:2023': 2 }],
    ['keywatch-by-key', 'name', { 'name of k1': 1, 'name of k3': 1, 'name of k2': 1 }],
    ['keywatch-health', 'action', { 'suspension-undelivered': 1, 'key-suspended': 1, 'suspension-held': 1 }],
  ])('%s', async (id, column, wanted) => {
    expect(countsOf((await draw(id)).aggregations, column)).toEqual(wanted);
  });

  it.each([
    ['keywatch-severity-over-time', { critical: 1, high: 1, medium: 1, low: 0 }],
    ['keywatch-requests-over-time', { delivered: 1, held: 1, undelivered: 1 }],
  ])('%s', async (id, wanted) => {
    const { aggregations } = await draw(id);
    const hours = aggregations.x.buckets as unknown as Aggregated[];
    expect(hours.map((hour) => countsOf(hour, 'split'))).toEqual([wanted]);
  });

  it('every chart was drawn above', () => {
    expect([...drawn].sort()).toEqual([...charts.keys()].sort());
  });

  it('the detection rule finds the alerts, and neither updates, nor notices, nor what a maintenance window muted', async () => {
    const answer = await search<{ hits: { hits: { _source: AlertDocument }[] } }>({
      query: elasticsearchQuery(detectionRule.query),
    });
    const found = answer.hits.hits.map(({ _source }) => _source.event.id).sort();
    expect(found).toEqual(
      documents
        .slice(0, 3)
        .map(({ event }) => event.id)
        .sort(),
    );
  });
});
