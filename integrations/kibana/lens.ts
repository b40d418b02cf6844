import { dataView, type SavedObject, savedObject } from './saved-object';

/** One column of a Lens layer: what it computes. The order of buckets is by the column named `orderedBy`. */
export type Column = Readonly<Record<string, unknown>> & { readonly operationType: string };

const kql = (query: string) => ({ language: 'kuery', query });

export const documents = (label: string): Column => ({
  ...metric('count', label, '___records___'),
});
export const distinct = (field: string, label: string): Column => metric('unique_count', label, field);
export const highest = (field: string, label: string): Column => metric('max', label, field);
export const latest = (label: string): Column => ({ ...metric('max', label, '@timestamp'), dataType: 'date' });

function metric(operationType: string, label: string, sourceField: string): Column {
  return {
    operationType,
    sourceField,
    label,
    customLabel: true,
    dataType: 'number',
    isBucketed: false,
    scale: 'ratio',
    params: { emptyAsNull: operationType !== 'max' },
  };
}

export const overTime = (): Column => ({
  operationType: 'date_histogram',
  sourceField: '@timestamp',
  label: 'Time',
  customLabel: true,
  dataType: 'date',
  isBucketed: true,
  scale: 'interval',
  params: { interval: 'auto', includeEmptyRows: true, dropPartials: false },
});

/** The most frequent values of a field, or those with the highest value of the column `orderedBy`. */
export const top = (field: string, label: string, size: number, orderedBy: string): Column => ({
  operationType: 'terms',
  sourceField: field,
  label,
  customLabel: true,
  dataType: 'string',
  isBucketed: true,
  scale: 'ordinal',
  params: {
    size,
    orderBy: { type: 'column', columnId: orderedBy },
    orderDirection: 'desc',
    otherBucket: false,
    missingBucket: false,
    parentFormat: { id: 'terms' },
    include: [],
    exclude: [],
    includeIsRegex: false,
    excludeIsRegex: false,
  },
});

/** One bucket for each query. */
export const byQuery = (label: string, queries: Readonly<Record<string, string>>): Column => ({
  operationType: 'filters',
  label,
  customLabel: true,
  dataType: 'string',
  isBucketed: true,
  scale: 'ordinal',
  params: { filters: Object.entries(queries).map(([name, query]) => ({ label: name, input: kql(query) })) },
});

export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly query: string;
  readonly columns: Readonly<Record<string, Column>>;
}

const LAYER = 'layer';

function lens(
  { id, title, query, columns }: Chart,
  visualizationType: string,
  visualization: Readonly<Record<string, unknown>>,
): SavedObject {
  const layer = { columnOrder: Object.keys(columns), columns, incompleteColumns: {} };
  return savedObject(
    'lens',
    id,
    {
      title,
      description: '',
      visualizationType,
      state: {
        datasourceStates: { formBased: { layers: { [LAYER]: layer } } },
        visualization,
        query: kql(query),
        filters: [],
        internalReferences: [],
        adHocDataViews: {},
      },
    },
    [{ type: dataView.type, id: dataView.id, name: `indexpattern-datasource-layer-${LAYER}` }],
  );
}

const onLayer = { layerId: LAYER, layerType: 'data' };

/** One number: the chart's only column. */
export const number = (chart: Chart): SavedObject =>
  lens(chart, 'lnsMetric', { ...onLayer, metricAccessor: Object.keys(chart.columns)[0] });

/** All columns, in their order. */
export const table = (chart: Chart): SavedObject =>
  lens(chart, 'lnsDatatable', {
    ...onLayer,
    columns: Object.keys(chart.columns).map((columnId) => ({ columnId })),
    paging: { enabled: true, size: 10 },
  });

/** Columns `x` and `y`, and `split` where there is one. */
export const bars = (chart: Chart, seriesType: 'bar_stacked' | 'bar_horizontal'): SavedObject =>
  lens(chart, 'lnsXY', {
    legend: { isVisible: 'split' in chart.columns, position: 'right' },
    preferredSeriesType: seriesType,
    valueLabels: 'hide',
    layers: [
      {
        ...onLayer,
        seriesType,
        xAccessor: 'x',
        accessors: ['y'],
        ...('split' in chart.columns ? { splitAccessor: 'split' } : {}),
      },
    ],
  });

/** Columns `group` and `size`. */
export const donut = (chart: Chart): SavedObject =>
  lens(chart, 'lnsPie', {
    shape: 'donut',
    layers: [
      {
        ...onLayer,
        primaryGroups: ['group'],
        metrics: ['size'],
        numberDisplay: 'percent',
        categoryDisplay: 'default',
        legendDisplay: 'default',
        nestedLegend: false,
      },
    ],
  });
