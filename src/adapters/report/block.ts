import type { AlertDocument, Severity } from '../../domain/alert';
import { durationText, type Paint, safeText, visibleWidth, wrap } from '../terminal';
import type { ReportedIncident } from './incidents';
import { day, many, minute, surpriseInWords } from './words';

export const severityWords: Readonly<Record<Severity, string>> = {
  21: 'LOW',
  47: 'MEDIUM',
  73: 'HIGH',
  99: 'CRITICAL',
};
const hues: Readonly<Record<Severity, keyof Paint>> = { 21: 'dim', 47: 'yellow', 73: 'red', 99: 'red' };

type Piece = AlertDocument['keywatch']['evidence'][number];

/** From this width on the evidence is a table; below, a list: columns would be too narrow to read. */
const TABLE_WIDTH = 110;
const INDENT = '     ';
const MOST_EVIDENCE = 8;
/** No single text of a log may take more than a few lines. */
const TEXT = 320;

/** One incident, for reading in ten seconds: who, what in a sentence, the evidence, what was asked for. */
export function incidentBlock(incident: ReportedIncident, rank: number, brush: Paint, width: number): string[] {
  const { worst } = incident;
  const inner = Math.max(20, width - INDENT.length);
  const indented = (lines: readonly string[]) => lines.map((line) => INDENT + line);
  return [
    headline(incident, rank, brush),
    ...indented([brush.dim(whenAndWhere(incident))]),
    ...indented(wrap(safeText(worst.event.reason, 2 * TEXT), inner)),
    ...indented(evidenceLines(worst.keywatch.evidence, brush, inner)),
    ...indented(asked(incident, brush)),
  ];
}

function headline(incident: ReportedIncident, rank: number, brush: Paint): string {
  const { user, organization } = incident.worst;
  const id = safeText(user?.id ?? '', 64);
  const name = user !== undefined && user.name !== user.id ? safeText(user.name, 48) : '';
  const word = brush.bold(brush[hues[incident.severity]](severityWords[incident.severity].padEnd(8)));
  const tenant = organization === undefined ? '' : brush.dim(`  of ${safeText(organization.id, 48)}`);
  const key = name === '' ? brush.bold(id) : `${brush.bold(name)} (${id})`;
  return `${String(rank).padStart(3)}  ${word} risk ${String(Math.round(incident.risk)).padStart(3)}  ${key}${tenant}`;
}

function whenAndWhere({ worst, last }: ReportedIncident): string {
  const start = worst.event.start ?? worst['@timestamp'];
  const end = last.event.end ?? last['@timestamp'];
  const lasted = Date.parse(end) - Date.parse(start);
  const parts = [`${minute(start)} UTC${lasted >= 60_000 ? `, for ${durationText(lasted)}` : ''}`];
  const requests = last.keywatch.incident?.requests;
  if (requests !== undefined && requests > 0) parts.push(many(requests, 'request'));
  const country = worst.source?.geo?.country_iso_code;
  const ip = worst.source?.ip;
  if (ip !== undefined)
    parts.push(`from ${safeText(ip, 45)}${country === undefined ? '' : ` (${safeText(country, 2)})`}`);
  if (worst.user_agent !== undefined) parts.push(`with ${safeText(worst.user_agent.original, 60)}`);
  return parts.join(', ');
}

function evidenceLines(evidence: readonly Piece[], brush: Paint, width: number): string[] {
  const shown = evidence.slice(0, MOST_EVIDENCE);
  if (shown.length === 0) return [brush.dim('no evidence was kept')];
  const lines = width + INDENT.length >= TABLE_WIDTH ? asTable(shown, brush, width) : asList(shown, brush, width);
  const rest = evidence.length - shown.length;
  return rest > 0 ? [...lines, brush.dim(`and ${rest} more`)] : lines;
}

function asTable(evidence: readonly Piece[], brush: Paint, width: number): string[] {
  const fixed = [9, 0, 0, 10, 25];
  const room = width - 9 - 10 - 25 - 4 * 2;
  const widths = fixed.map((w, i) => (i === 1 ? Math.floor(room * 0.4) : i === 2 ? Math.ceil(room * 0.6) : w));
  const head = wrappedRow(['', 'saw', 'usually', 'since', 'how surprising'], widths).map((line) => brush.dim(line));
  const rows = evidence.map((piece) => [
    piece.facet,
    safeText(piece.saw, TEXT),
    safeText(piece.expected, TEXT),
    day(piece.since),
    `${surpriseInWords(piece)}${withoutIt(piece)}`,
  ]);
  return [...head, ...rows.flatMap((row) => wrappedRow(row, widths))];
}

/** How much hangs on a piece: what the risk would be without it. */
function withoutIt({ risk_without: risk }: Piece): string {
  return risk === undefined ? '' : `; without it the risk is ${Math.round(risk)}`;
}

/** One row whose cells break into as many lines as they need. */
function wrappedRow(cells: readonly string[], widths: readonly number[]): string[] {
  const columns = cells.map((cell, i) => wrap(cell, widths[i]!));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, y) =>
    columns
      .map((lines, i) => (lines[y] ?? '') + ' '.repeat(Math.max(0, widths[i]! - visibleWidth(lines[y] ?? ''))))
      .join('  ')
      .trimEnd(),
  );
}

function asList(evidence: readonly Piece[], brush: Paint, width: number): string[] {
  const named = (name: string, text: string) =>
    wrap(text, width - 10).map((line, i) => `${i === 0 ? brush.dim(name.padEnd(8)) : ' '.repeat(8)}  ${line}`);
  return evidence.flatMap((piece) => [
    ...wrap(
      `${surpriseInWords(piece)}${withoutIt(piece)}; its past since ${day(piece.since)}`,
      width - piece.facet.length - 2,
    ).map((line, i) => (i === 0 ? `${brush.cyan(piece.facet)}: ${line}` : `  ${line}`)),
    ...named('saw', safeText(piece.saw, TEXT)),
    ...named('usually', safeText(piece.expected, TEXT)),
  ]);
}

function asked({ worst, requests }: ReportedIncident, brush: Paint): string[] {
  const rule = safeText(worst.rule?.name ?? '', 64);
  if (requests.length === 0) return [brush.dim(`policy ${rule === '' ? '' : `${rule} `}asks for an alert only`)];
  return requests.map((request) => {
    const text = `policy ${safeText(request.rule, 64)} asks to ${request.action} the key for ${durationText(request.durationMs)}`;
    return brush.bold(`${text}, decided ${minute(request.decidedAt)}`);
  });
}
