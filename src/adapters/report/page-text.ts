import { grouped, paint, safeText, table, visibleWidth, wrap } from '../terminal';
import type { ReportPage, Sheet } from './page';

const MOST_ROWS = 50;
const INDENT = '  ';

/** The report for a terminal: of each table the first rows. Ends with a line feed; no foreign text speaks to the terminal. */
export function renderPageText(page: ReportPage, style: { readonly width: number; readonly colour: boolean }): string {
  const width = Math.max(40, style.width);
  const brush = paint(style.colour);
  const lines = [
    brush.bold(safeText(page.title, width)),
    ...page.notes.flatMap((note) => wrap(safeText(note, 1_000), width)),
    ...page.sheets.flatMap((sheet) => ['', brush.bold(safeText(sheet.title, width)), ...sheetLines(sheet, width)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** A table where it fits, else a paragraph a row. */
function sheetLines({ columns, rows, brief = columns.length }: Sheet, width: number): string[] {
  if (rows.length === 0) return [`${INDENT}none`];
  const names = columns.slice(0, brief);
  const cells = rows
    .slice(0, MOST_ROWS)
    .map((row) => row.slice(0, brief).map((cell) => safeText(typeof cell === 'number' ? numberText(cell) : cell, 300)));
  const aligned = table([names, ...cells], { indent: INDENT });
  const fits = aligned.every((line) => visibleWidth(line) <= width);
  const more = rows.length - MOST_ROWS;
  return [
    ...(fits ? aligned : cells.flatMap((row) => paragraph(names, row, width))),
    ...(more > 0 ? [`${INDENT}and ${grouped(more)} more: --html, --csv or --json has them`] : []),
  ];
}

function paragraph(names: readonly string[], [first = '', ...rest]: readonly string[], width: number): string[] {
  const said = rest.flatMap((cell, i) => (cell === '' ? [] : [`${names[i + 1]} ${cell}`])).join(' · ');
  const head = wrap(first, width - INDENT.length).map((line) => INDENT + line);
  if (said === '') return head;
  return [...head, ...wrap(said, width - 2 * INDENT.length).map((line) => INDENT + INDENT + line)];
}

const numberText = (value: number): string => (Number.isInteger(value) ? grouped(value) : String(value));
