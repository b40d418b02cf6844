import { clip, grouped, type Paint, paint, safeText, table, wrap } from '../terminal';
import {
  type Baseline,
  type Control,
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
  share,
  stands,
} from './evaluation';
import { many, minute } from './words';

export interface EvaluationStyle {
  /** Columns; never less than 60. */
  readonly width: number;
  readonly colour: boolean;
}

const MOST_WORST = 5;
/** Columns from which every interval has room. */
const WIDE = 100;

/** The evaluation for a terminal. Ends with a line feed; foreign texts cannot speak to the terminal. */
export function renderEvaluation(page: EvaluationPage, style: EvaluationStyle): string {
  const width = Math.max(60, style.width);
  const brush = paint(style.colour);
  const lines = [
    brush.bold('keywatch evaluate'),
    ...injectedLines(page, width),
    ...(page.pooled === undefined ? [] : pooledLines(page.pooled, brush, width)),
    ...(page.choice === undefined ? [] : choiceLines(page.choice, brush, width)),
    ...controlLines(page.controls, brush, width),
    ...notes(width),
  ];
  return `${lines.map((line) => clip(line, width)).join('\n')}\n`;
}

function injectedLines({ injected }: EvaluationPage, width: number): string[] {
  if (injected === undefined) return [];
  const { asked, made, seed } = injected;
  const fewer = made < asked ? `; the log allowed no more of the ${asked} asked for` : '';
  return wrap(`${many(made, 'theft')} made of the log's own clients (seed ${seed})${fewer}`, width);
}

function pooledLines(pooled: Pooled, brush: Paint, width: number): string[] {
  const { report, suspensions } = pooled;
  const names = pooled.streams.map((name) => safeText(name, 48)).join(', ');
  const facts: [string, string][] = [
    ['thefts found', `${foundOf(report)}, ${percent(report.recall)}`],
    ['false alerts per 1,000 key-days', `${rateInterval(report.falseRate)} (${grouped(report.falseAlerts.length)})`],
    ['of them at listed newcomers', grouped(report.falseAtNewcomers)],
    [
      "thief's requests until the alert",
      report.medianRequests === undefined ? '–' : `${report.medianRequests} (median)`,
    ],
    ["from the theft's start until then", delayText(report)],
    ['suspension requests', suspensionText(suspensions)],
  ];
  return [
    ...wrap(
      `${names}: ${many(pooled.events, 'event')}, ${grouped(report.keyDays)} judged key-days, ${many(report.thefts.length, 'theft')}`,
      width,
    ),
    '',
    brush.bold('With the policy as it is'),
    ...table(facts, { indent: '  ', width }),
    '',
    brush.bold('Found by kind'),
    ...table(kindRows(pooled), { indent: '  ', width }),
    '',
    ...wrap(
      'Found, %, within a budget of false alerts per 1,000 key-days, each threshold chosen on other keys (cross-validated)',
      width,
    ).map(brush.bold),
    ...table(crossedRows(pooled, width), { indent: '  ', width, gap: 1 }),
    '',
    ...wrap('The same, the threshold chosen on these very streams', width).map(brush.bold),
    ...table(budgetRows(pooled, width), { indent: '  ', width, gap: 1 }),
    '',
    ...fleetLines(pooled.fleet, brush, width),
    ...worstLines(pooled.worst, brush, width),
  ];
}

function suspensionText({ thefts, falseRequests, falseKeys }: Suspensions): string {
  return `on ${many(thefts, 'theft')}; false: ${grouped(falseRequests)} on ${many(falseKeys, 'key')}`;
}

function kindRows({ report, baselines }: Pooled): string[][] {
  const others = baselines.filter(stands);
  const foundBy = ({ report: r }: Baseline, kind: string) => String(r.byKind.find((k) => k.kind === kind)?.found ?? 0);
  return [
    ['', 'keywatch', ...others.map(({ name }) => name), 'of'],
    ...report.byKind.map(({ kind, found, thefts }) => [
      safeText(kind, 40),
      String(found),
      ...others.map((rule) => foundBy(rule, kind)),
      String(thefts),
    ]),
  ];
}

/** Narrow terminals get the intervals of keywatch alone; JSON and the page have all. */
const shareIn = (width: number) => (width < WIDE ? points : share);

function crossedRows({ report, baselines }: Pooled, width: number): string[][] {
  const cell = shareIn(width);
  return [
    ['budget', 'keywatch', 'at', 'precision', ...baselines.map(({ name }) => name)],
    ...report.budgets.map(({ budget, crossValidated: { found, falseRate, precision } }, i) => [
      String(budget),
      share(found),
      rate(falseRate.value),
      points({ value: precision }),
      ...baselines.map(({ report: r }) => cell(r.budgets[i]!.crossValidated.found)),
    ]),
  ];
}

/** A row a budget, a column a rule; last, each rule as it stands. */
function budgetRows({ report, baselines }: Pooled, width: number): string[][] {
  const cell = shareIn(width);
  const row = (title: string, own: string, of: (rule: Baseline) => string) => [title, '', own, ...baselines.map(of)];
  return [
    ['budget', 'risk', 'keywatch', ...baselines.map(({ name }) => name)],
    ...report.budgets.map(({ budget, threshold, found }, i) => [
      String(budget),
      thresholdText(threshold),
      share(found),
      ...baselines.map(({ report: r }) => cell(r.budgets[i]!.found)),
    ]),
    row('as is', share(report.recall), (rule) => (stands(rule) ? cell(rule.report.recall) : '–')),
    row('  at', rate(report.falseRate.value), (rule) => (stands(rule) ? rate(rule.report.falseRate.value) : '–')),
  ];
}

const thresholdText = (threshold: number): string => (Number.isFinite(threshold) ? String(threshold) : '–');

function choiceLines(choice: NonNullable<EvaluationPage['choice']>, brush: Paint, width: number): string[] {
  const { budget, risk, report, measured } = choice;
  const head = brush.bold(`For a budget of ${budget} false alerts per 1,000 key-days`);
  if (risk === undefined) return [head, ...wrap('No threshold keeps it on these streams.', width), ''];
  const again = measured === undefined ? '' : `; run again with it: ${measuredText(measured)}`;
  return [
    head,
    ...wrap(
      `risk from ${risk}: finds ${percent(report.found)} at ${rate(report.falseRate)}${again}. In the policy:`,
      width,
    ),
    `  - { name: unusual-use, when: { risk: ${risk} }, action: alert }`,
    '',
  ];
}

function worstLines(worst: Pooled['worst'], brush: Paint, width: number): string[] {
  if (worst.length === 0) return [];
  const lines = worst.slice(0, MOST_WORST).flatMap((alert) => {
    const where = `${minute(alert.ts)}  risk ${alert.score}  ${safeText(alert.key, 48)} in ${safeText(alert.stream, 48)}`;
    const reason = safeText(alert.document?.event.reason ?? '', 480);
    return [
      `  ${where}${alert.atNewcomer ? ', a listed newcomer' : ''}`,
      ...(reason === '' ? [] : wrap(reason, width - 4).map((line) => `    ${line}`)),
    ];
  });
  return [brush.bold('Worst false alerts'), ...lines, ''];
}

function fleetLines(fleets: readonly Fleet[], brush: Paint, width: number): string[] {
  return fleets.flatMap((fleet) => [
    brush.bold(`What incidents add in ${safeText(fleet.stream, 48)}`),
    ...table(
      [
        ...windowRows(fleet),
        ['false alerts in all', `${fleet.falseAlerts}; ${fleet.plainFalseAlerts} without the incidents`],
      ],
      { indent: '  ', width },
    ),
    '',
  ]);
}

/** Windows of one kind together: a roll-out has one a key. */
function windowRows({ windows }: Fleet): string[][] {
  const kinds = new Map<string, { windows: number; added: number; shared: number }>();
  for (const { window, added, shared } of windows) {
    const row = kinds.get(window.kind) ?? { windows: 0, added: 0, shared: 0 };
    kinds.set(window.kind, {
      windows: row.windows + 1,
      added: row.added + added.length,
      shared: row.shared + shared,
    });
  }
  return [...kinds].map(([kind, row]) => [
    safeText(kind, 48),
    `${many(row.added, 'key')} added, ${row.shared} alerted anyway, in ${many(row.windows, 'window')}`,
  ]);
}

function controlLines(controls: readonly Control[], brush: Paint, width: number): string[] {
  if (controls.length === 0) return [];
  const others = controls[0]!.baselines.filter(stands).map(({ name }) => name);
  const rows = controls.map(({ stream, report, baselines }) => [
    safeText(stream, 48),
    width < WIDE ? rate(report.falseRate.value) : rateInterval(report.falseRate),
    ...baselines.filter(stands).map(({ report: r }) => rate(r.falseRate.value)),
  ]);
  const asked = controls.reduce((sum, { suspensions }) => sum + suspensions.falseRequests, 0);
  return [
    brush.bold('Without a theft: false alerts per 1,000 key-days'),
    ...table([['', 'keywatch', ...others], ...rows], { indent: '  ', width, gap: 1 }),
    `  suspension requests: ${grouped(asked)}`,
    '',
    ...fleetLines(
      controls.flatMap((control) => control.fleet ?? []),
      brush,
      width,
    ),
  ];
}

const notes = (width: number): string[] =>
  wrap(
    'In brackets: 95 % intervals of a bootstrap over keys. The first 60 % of the time warms up and is not judged. A theft is found by an alert for its key until an hour after it; of other alerts one a key and day counts. Cross-validated: all rows of a key in one of 5 folds, the threshold from the other four; mean of 20 deals.',
    width,
  );
