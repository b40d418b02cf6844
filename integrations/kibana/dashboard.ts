import { severityNames, severityOfName } from '../../src/domain/alert';
import { bars, byQuery, distinct, documents, donut, highest, latest, number, overTime, table, top } from './lens';
import { dataView, type SavedObject, savedObject } from './saved-object';

const ALERTS = 'event.kind : alert';
const severities = [...severityNames].reverse();

/** A panel and where it lies: the dashboard is 48 columns wide. */
interface Panel {
  readonly object: SavedObject;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

const search = savedObject(
  'search',
  'keywatch-documents',
  {
    title: 'keywatch: alerts, updates and notices',
    description: '',
    columns: ['event.kind', 'event.severity', 'user.name', 'event.reason', 'keywatch.action', 'rule.name'],
    sort: [['@timestamp', 'desc']],
    grid: {},
    hideChart: true,
    isTextBasedQuery: false,
    timeRestore: false,
    kibanaSavedObjectMeta: {
      searchSourceJSON: JSON.stringify({
        query: { language: 'kuery', query: '' },
        filter: [],
        indexRefName: 'kibanaSavedObjectMeta.searchSourceJSON.index',
      }),
    },
  },
  [{ type: dataView.type, id: dataView.id, name: 'kibanaSavedObjectMeta.searchSourceJSON.index' }],
);

const panels: readonly Panel[] = [
  {
    x: 0,
    y: 0,
    w: 12,
    h: 6,
    object: number({
      id: 'keywatch-alerts-count',
      title: 'keywatch: alerts',
      query: ALERTS,
      columns: { count: documents('Alerts') },
    }),
  },
  {
    x: 12,
    y: 0,
    w: 12,
    h: 6,
    object: number({
      id: 'keywatch-loud-count',
      title: 'keywatch: high and critical',
      query: `${ALERTS} and event.severity >= ${severityOfName.high}`,
      columns: { count: documents('High and critical alerts') },
    }),
  },
  {
    x: 24,
    y: 0,
    w: 12,
    h: 6,
    object: number({
      id: 'keywatch-keys-count',
      title: 'keywatch: keys with alerts',
      query: ALERTS,
      columns: { count: distinct('user.id', 'Keys with alerts') },
    }),
  },
  {
    x: 36,
    y: 0,
    w: 12,
    h: 6,
    object: number({
      id: 'keywatch-suspended-count',
      title: 'keywatch: suspensions acknowledged',
      query: 'keywatch.request.state : delivered',
      columns: { count: documents('Suspensions acknowledged') },
    }),
  },
  {
    x: 0,
    y: 6,
    w: 34,
    h: 12,
    object: bars(
      {
        id: 'keywatch-severity-over-time',
        title: 'keywatch: alerts by severity over time',
        query: ALERTS,
        columns: {
          x: overTime(),
          split: byQuery(
            'Severity',
            Object.fromEntries(severities.map((name) => [name, `event.severity : ${severityOfName[name]}`])),
          ),
          y: documents('Alerts'),
        },
      },
      'bar_stacked',
    ),
  },
  {
    x: 34,
    y: 6,
    w: 14,
    h: 12,
    object: donut({
      id: 'keywatch-tactics',
      title: 'keywatch: ATT&CK tactics',
      query: ALERTS,
      columns: { group: top('threat.tactic.name', 'Tactic', 8, 'size'), size: documents('Alerts') },
    }),
  },
  {
    x: 0,
    y: 18,
    w: 30,
    h: 14,
    object: table({
      id: 'keywatch-by-key',
      title: 'keywatch: alerts by key',
      query: ALERTS,
      columns: {
        name: top('user.name', 'Key', 100, 'risk'),
        id: top('user.id', 'Id', 1, 'risk'),
        risk: highest('event.risk_score', 'Highest risk'),
        count: documents('Alerts'),
        last: latest('Latest'),
      },
    }),
  },
  {
    x: 30,
    y: 18,
    w: 18,
    h: 14,
    object: bars(
      {
        id: 'keywatch-by-country',
        title: 'keywatch: alerts by country',
        query: ALERTS,
        columns: { x: top('source.geo.country_iso_code', 'Country', 15, 'y'), y: documents('Alerts') },
      },
      'bar_horizontal',
    ),
  },
  {
    x: 0,
    y: 32,
    w: 24,
    h: 12,
    object: bars(
      {
        id: 'keywatch-by-detector',
        title: 'keywatch: evidence by detector',
        query: ALERTS,
        columns: { x: top('keywatch.evidence.detector', 'Detector', 20, 'y'), y: documents('Alerts with it') },
      },
      'bar_horizontal',
    ),
  },
  {
    x: 24,
    y: 32,
    w: 24,
    h: 12,
    object: bars(
      {
        id: 'keywatch-by-tag',
        title: 'keywatch: ATT&CK techniques and OWASP API risks',
        query: ALERTS,
        columns: { x: top('keywatch.evidence.tags', 'Tag', 20, 'y'), y: documents('Alerts with it') },
      },
      'bar_horizontal',
    ),
  },
  {
    x: 0,
    y: 44,
    w: 24,
    h: 12,
    object: bars(
      {
        id: 'keywatch-requests-over-time',
        title: 'keywatch: what became of suspensions',
        query: 'keywatch.request.id : *',
        columns: {
          x: overTime(),
          split: top('keywatch.request.state', 'State', 10, 'y'),
          y: documents('Notices'),
        },
      },
      'bar_stacked',
    ),
  },
  {
    x: 24,
    y: 44,
    w: 24,
    h: 12,
    object: table({
      id: 'keywatch-health',
      title: 'keywatch: notices and summaries about itself',
      query: 'event.action : *',
      columns: {
        action: top('event.action', 'What', 20, 'severity'),
        rail: top('keywatch.mode', 'Mode', 2, 'severity'),
        severity: highest('event.severity', 'Highest severity'),
        count: documents('Documents'),
        last: latest('Latest'),
      },
    }),
  },
  { x: 0, y: 56, w: 48, h: 18, object: search },
];

const placed = panels.map((panel, i) => ({ ...panel, index: `p${i + 1}` }));

const dashboard = savedObject(
  'dashboard',
  'keywatch-overview',
  {
    title: 'keywatch: API keys',
    description:
      'Alerts about API keys that are used by somebody else, what was done about them, and how keywatch does.',
    panelsJSON: JSON.stringify(
      placed.map(({ index, object, x, y, w, h }) => ({
        version: '8.9.0',
        type: object.type,
        panelIndex: index,
        panelRefName: `panel_${index}`,
        gridData: { x, y, w, h, i: index },
        embeddableConfig: { enhancements: {} },
        title: String(object.attributes.title).replace(/^keywatch: (.)/, (_, first) => first.toUpperCase()),
      })),
    ),
    optionsJSON: JSON.stringify({
      useMargins: true,
      syncColors: false,
      syncCursor: true,
      syncTooltips: false,
      hidePanelTitles: false,
    }),
    timeRestore: true,
    timeFrom: 'now-7d',
    timeTo: 'now',
    refreshInterval: { pause: true, value: 60_000 },
    version: 1,
    kibanaSavedObjectMeta: {
      searchSourceJSON: JSON.stringify({ query: { language: 'kuery', query: '' }, filter: [] }),
    },
  },
  placed.map(({ index, object }) => ({ type: object.type, id: object.id, name: `${index}:panel_${index}` })),
);

/** What depends on others comes after them. */
export const dashboardObjects: readonly SavedObject[] = [dataView, ...panels.map(({ object }) => object), dashboard];
