import type { EvaluationReport } from '../../evaluate';
import { grouped } from '../terminal';
import {
  delayText,
  type EvaluationPage,
  type Fleet,
  foundOf,
  measuredText,
  type Pooled,
  percent,
  points,
  rate,
  rateInterval,
  type Suspensions,
  stands,
} from './evaluation';
import { plotSvg } from './evaluation-plot';
import { escaped, htmlPage, tableOf } from './html';
import { many, minute, surpriseInWords } from './words';

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.25rem .7rem;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}
th{font-weight:600}td.n{text-align:right;font-variant-numeric:tabular-nums}svg{max-width:36rem;width:100%;font:12px system-ui,sans-serif}
svg .grid{stroke:#ddd}details{margin:.4rem 0}summary{cursor:pointer}code{overflow-wrap:anywhere}.quiet{color:#666}`;

/** The evaluation as one self-contained HTML page: inline SVG, no script; texts of the log are escaped. */
export function renderEvaluationHtml(page: EvaluationPage): string {
  const { pooled, controls } = page;
  const body = [
    '<h1>keywatch evaluate</h1>',
    page.injected === undefined
      ? ''
      : `<p>${many(page.injected.made, 'theft')} of ${page.injected.asked} made of the log's own clients, seed ${page.injected.seed}.</p>`,
    pooled === undefined ? '' : pooledSection(pooled),
    page.choice === undefined ? '' : choiceSection(page.choice),
    controls.length === 0 ? '' : controlSection(page),
    '<p class="quiet">In brackets: 95 % intervals of a bootstrap over keys. The first 60 % of the time warms up and is not judged.',
    `A theft is found by an alert for its key until an hour after it; of other alerts one a key and day counts. keywatch ${escaped(page.version)}.</p>`,
  ];
  return htmlPage('keywatch evaluate', STYLE, body);
}

function pooledSection(pooled: Pooled): string {
  const { report, suspensions } = pooled;
  return [
    `<p>${pooled.streams.map((name) => escaped(name)).join(', ')}: ${many(pooled.events, 'event')}, ${grouped(report.keyDays)} judged key-days, ${many(report.thefts.length, 'theft')}.</p>`,
    '<h2>With the policy as it is</h2>',
    tableOf(
      [],
      [
        ['thefts found', `${foundOf(report)}, ${percent(report.recall)}`],
        ['false alerts per 1,000 key-days', `${rateInterval(report.falseRate)}, ${report.falseAlerts.length} in all`],
        ['of them at listed newcomers', String(report.falseAtNewcomers)],
        ['thief’s requests until the alert, median', report.medianRequests?.toString() ?? '–'],
        ['from the theft’s start until then', delayText(report)],
        ['suspension requests', suspensionText(suspensions)],
      ],
    ),
    '<h2>Found by kind</h2>',
    kindTable(pooled),
    '<h2>Found within a budget of false alerts, each threshold chosen on other keys</h2>',
    '<p>Cross-validated: all rows of a key in one of 5 folds, the threshold from the other four; mean of 20 deals.</p>',
    crossedTable(pooled),
    '<h2>The same, the threshold chosen on these very streams</h2>',
    budgetTable(pooled),
    recallPlot(pooled),
    '<h2>Precision and recall</h2>',
    precisionPlot(pooled),
    ...pooled.fleet.map(fleetSection),
    '<h2>Worst false alerts</h2>',
    worstSection(pooled.worst),
  ].join('\n');
}

function suspensionText({ thefts, falseRequests, falseKeys }: Suspensions): string {
  return `on ${many(thefts, 'theft')}; false: ${grouped(falseRequests)} on ${many(falseKeys, 'key')}`;
}

function kindTable({ report, baselines }: Pooled): string {
  const others = baselines.filter(stands);
  return tableOf(
    ['', 'keywatch', ...others.map(({ name }) => name), 'thefts'],
    report.byKind.map(({ kind, found, thefts }) => [
      escaped(kind),
      String(found),
      ...others.map(({ report: r }) => String(r.byKind.find((k) => k.kind === kind)?.found ?? 0)),
      String(thefts),
    ]),
  );
}

function crossedTable({ report, baselines }: Pooled): string {
  const rows = [{ name: 'keywatch', report }, ...baselines].map(({ name, report: r }) => [
    name,
    ...r.budgets.map(({ crossValidated: c }) => `${percent(c.found)}<br>at ${rateInterval(c.falseRate)}`),
  ]);
  const precision = report.budgets.map((b) => `${points({ value: b.crossValidated.precision })} %`);
  return tableOf(budgetHead(report), [...rows, ['precision of keywatch', ...precision]]);
}

const budgetHead = (report: EvaluationReport): string[] => [
  '',
  ...report.budgets.map(({ budget }) => `≤ ${budget} per 1,000 key-days`),
];

function budgetTable({ report, baselines }: Pooled): string {
  const row = (name: string, r: EvaluationReport) => [
    name,
    ...r.budgets.map(({ found }) => percent(found)),
    !stands({ name }) ? '–' : `${percent(r.recall)} at ${rate(r.falseRate.value)}`,
  ];
  return tableOf(
    [...budgetHead(report), 'as it is'],
    [
      row('keywatch', report),
      ['its risk from', ...report.budgets.map((b) => (Number.isFinite(b.threshold) ? String(b.threshold) : '–')), ''],
      ...baselines.map(({ name, report: r }) => row(name, r)),
    ],
  );
}

function recallPlot({ report, baselines }: Pooled): string {
  const max = Math.max(...report.budgets.map((b) => b.budget));
  const line = (r: EvaluationReport) => [
    [0, 0] as const,
    ...r.curve.map(({ falseRate, recall }) => [falseRate, recall] as const),
  ];
  return plotSvg({
    title: 'Share of the thefts found, by false alerts per 1,000 key-days',
    x: { label: 'false alerts per 1,000 key-days', ticks: report.budgets.map((b) => b.budget), max, root: true },
    y: { label: 'thefts found' },
    series: [
      { name: 'keywatch', points: line(report) },
      ...baselines.map(({ name, report: r }) =>
        r.curve.length === 1
          ? { name, points: [[r.falseRate.value, r.recall.value] as const], dots: true }
          : { name, points: line(r) },
      ),
    ],
  });
}

function precisionPlot({ report, baselines }: Pooled): string {
  const points = (r: EvaluationReport) => r.curve.map(({ recall, precision }) => [100 * recall, precision] as const);
  return plotSvg({
    title: 'Precision by recall',
    x: { label: 'recall, %', ticks: [0, 25, 50, 75, 100], max: 100 },
    y: { label: 'precision' },
    series: [
      { name: 'keywatch', points: points(report) },
      ...baselines.map(({ name, report: r }) => ({ name, points: points(r) })),
    ],
  });
}

function choiceSection({ budget, risk, report, measured }: NonNullable<EvaluationPage['choice']>): string {
  const head = `<h2>For a budget of ${budget}</h2>`;
  if (risk === undefined) return `${head}<p>No threshold keeps it on these streams.</p>`;
  const again = measured === undefined ? '' : `; run again with it: ${measuredText(measured)}`;
  return `${head}<p>Policy <code>risk: ${risk}</code> finds ${percent(report.found)} at ${rate(report.falseRate)} false alerts per 1,000 key-days on these streams${again}.</p>`;
}

function worstSection(worst: Pooled['worst']): string {
  if (worst.length === 0) return '<p>None.</p>';
  return worst
    .map(({ key, stream, ts, score, atNewcomer, document }) => {
      const head = `${minute(ts)} UTC, risk ${score}, <code>${escaped(key, 64)}</code> in ${escaped(stream, 64)}${atNewcomer ? ', a listed newcomer' : ''}`;
      if (document === undefined) return `<p>${head}</p>`;
      const rows = document.keywatch.evidence.map((piece) => [
        escaped(piece.detector, 40),
        escaped(piece.saw),
        escaped(piece.expected),
        surpriseInWords(piece),
      ]);
      return `<details><summary>${head}</summary><p>${escaped(document.event.reason, 960)}</p>${tableOf(['detector', 'saw', 'expected', 'how surprising'], rows)}</details>`;
    })
    .join('\n');
}

function fleetSection({ stream, windows, falseAlerts, plainFalseAlerts }: Fleet): string {
  const rows = windows.map(({ window, added, shared }) => [
    `${escaped(window.kind)}${window.key === undefined ? '' : ` <code>${escaped(window.key, 64)}</code>`}`,
    `${minute(window.start)} to ${minute(window.end)}`,
    String(added.length),
    String(shared),
  ]);
  return `<h2>What incidents add in ${escaped(stream)}</h2>${tableOf(['window', 'UTC', 'keys added', 'alerted anyway'], rows)}<p>False alerts: ${falseAlerts}; without the incidents ${plainFalseAlerts}.</p>`;
}

function controlSection({ controls }: EvaluationPage): string {
  const others = controls[0]!.baselines.filter(stands).map(({ name }) => name);
  const rows = controls.map(({ stream, report, suspensions, baselines }) => [
    escaped(stream),
    grouped(report.keyDays),
    `${rateInterval(report.falseRate)}, ${report.falseAlerts.length} in all`,
    ...baselines.filter(stands).map(({ report: r }) => rate(r.falseRate.value)),
    `${suspensions.falseRequests} on ${many(suspensions.falseKeys, 'key')}`,
  ]);
  return [
    '<h2>Without a theft</h2>',
    tableOf(['stream', 'key-days', 'false alerts per 1,000 key-days', ...others, 'suspension requests'], rows),
    ...controls.flatMap(({ fleet }) => (fleet === undefined ? [] : [fleetSection(fleet)])),
    ...controls.map((c) => `<h2>Worst false alerts in ${escaped(c.stream)}</h2>${worstSection(c.worst)}`),
  ].join('\n');
}
