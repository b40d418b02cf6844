import type { ActionRequest } from '../../domain/action';
import type { AlertDocument, Severity } from '../../domain/alert';
import { clip, durationText, grouped, paint, safeText, table } from '../terminal';
import { incidentBlock, severityWords } from './block';
import { incidentsOf, type ReportedIncident } from './incidents';
import { many, minute } from './words';

/** What a replay counted. Counts that are left out are not shown. */
export interface ReportTotals {
  readonly events: number;
  readonly keys: number;
  /** First and last event time, milliseconds UTC; undefined when there was no event. */
  readonly from: number | undefined;
  readonly until: number | undefined;
  /** Keys whose baseline is old enough to be relied upon. */
  readonly mature?: number;
  readonly rejected?: number;
  readonly noKey?: number;
  readonly late?: number;
}

export interface ReportInput {
  readonly alerts: readonly AlertDocument[];
  readonly requests: readonly ActionRequest[];
  readonly totals: ReportTotals;
}

export interface ReportStyle {
  /** Columns; never less than 40. */
  readonly width: number;
  readonly colour: boolean;
  /** Most incidents that are shown in full. Default 50. */
  readonly most?: number;
}

/**
 * A page for an analyst: what was read, the incidents by risk, and the quiet facts. Ends with a line feed. No line is
 * wider than `width`; foreign texts cannot speak to the terminal.
 */
export function renderReport(input: ReportInput, style: ReportStyle): string {
  const width = Math.max(40, style.width);
  const brush = paint(style.colour);
  const most = style.most ?? 50;
  const incidents = incidentsOf(input.alerts, input.requests);
  const shown = incidents.slice(0, most);
  const lines = [
    brush.bold('keywatch replay'),
    ...header(input, incidents),
    '',
    ...shown.flatMap((incident, i) => [...incidentBlock(incident, i + 1, brush, width), '']),
    ...(incidents.length === 0 ? ['Nothing unusual: no incident was opened.', ''] : []),
    ...(incidents.length > most
      ? [`and ${many(incidents.length - most, 'incident')} of lower risk, not shown`, '']
      : []),
    brush.bold('Quiet facts'),
    ...quietFacts(input, incidents, width),
  ];
  return `${lines.map((line) => clip(line, width)).join('\n')}\n`;
}

function header({ requests, totals }: ReportInput, incidents: readonly ReportedIncident[]): string[] {
  const { events, keys, from, until } = totals;
  const span =
    from === undefined || until === undefined
      ? 'no events'
      : `${minute(from)} to ${minute(until)} UTC (${durationText(until - from)})`;
  const suspensions = new Set(requests.map((r) => r.key)).size;
  return [
    `${many(events, 'event')} of ${many(keys, 'key')}, ${span}`,
    `${many(incidents.length, 'incident')}; ${many(suspensions, 'key')} would be suspended. A replay does nothing to any key.`,
  ];
}

function quietFacts({ alerts, requests, totals }: ReportInput, incidents: readonly ReportedIncident[], width: number) {
  const severities = ([99, 73, 47, 21] as const satisfies readonly Severity[]).map((severity) => {
    const count = incidents.filter((i) => i.severity === severity).length;
    return count === 0 ? '' : `${count} ${severityWords[severity].toLowerCase()}`;
  });
  const alerted = new Set(incidents.map((i) => i.worst.user?.id));
  const rules = new Map<string, number>();
  for (const request of requests) rules.set(request.rule, (rules.get(request.rule) ?? 0) + 1);
  const days =
    totals.from === undefined || totals.until === undefined
      ? 0
      : Math.max(1, (totals.until - totals.from) / 86_400_000);
  const rate = days === 0 || totals.keys === 0 ? undefined : (1_000 * incidents.length) / (totals.keys * days);
  const rows: (readonly [string, string] | undefined)[] = [
    ['incidents by severity', severities.filter((s) => s !== '').join(', ') || 'none'],
    ['keys without incident', `${grouped(Math.max(0, totals.keys - alerted.size))} of ${grouped(totals.keys)}`],
    rate === undefined ? undefined : ['incidents per 1,000 key-days', rate < 10 ? rate.toFixed(1) : grouped(rate)],
    ['suspensions asked for', [...rules].map(([rule, n]) => `${n} by ${safeText(rule, 64)}`).join(', ') || 'none'],
    [
      'alert documents',
      `${grouped(alerts.filter((a) => a.event.kind === 'alert').length)} of ${grouped(alerts.length)} documents`,
    ],
    fact('keys with a settled past', totals.mature),
    fact('records rejected', totals.rejected),
    fact('requests without a key', totals.noKey),
    fact('events too late to be used', totals.late),
  ];
  return table(
    rows.filter((row) => row !== undefined),
    { indent: '  ', width },
  );
}

const fact = (name: string, value: number | undefined): readonly [string, string] | undefined =>
  value === undefined ? undefined : [name, grouped(value)];
