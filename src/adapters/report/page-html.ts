import { grouped } from '../terminal';
import { escaped, htmlPage, tableOf } from './html';
import type { ReportPage, Sheet } from './page';

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:80rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.25rem .7rem;border-bottom:1px solid #ddd;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{font-weight:600}.quiet{color:#666}`;

/** Rows of one table; a browser bears no more. CSV and JSON have all. */
export const MOST_HTML_ROWS = 5_000;

/** The report as one self-contained page: no script, nothing loaded; every foreign text is escaped. */
export function renderPageHtml({ title, notes, sheets }: ReportPage, version: string): string {
  return htmlPage(escaped(title, 200), STYLE, [
    `<h1>${escaped(title, 200)}</h1>`,
    ...notes.map((note) => `<p>${escaped(note, 1_000)}</p>`),
    ...sheets.map(sheetHtml),
    `<p class="quiet">Times are UTC. keywatch ${escaped(version)}.</p>`,
  ]);
}

function sheetHtml({ title, columns, rows }: Sheet): string {
  const head = `<h2>${escaped(title)}</h2>`;
  if (rows.length === 0) return `${head}<p>None.</p>`;
  const cells = rows.slice(0, MOST_HTML_ROWS).map((row) => row.map((cell) => escaped(String(cell), 1_000)));
  const more = rows.length - MOST_HTML_ROWS;
  const rest = more > 0 ? `<p>${grouped(more)} more rows are in the CSV and the JSON.</p>` : '';
  return `${head}${tableOf(
    columns.map((column) => escaped(column)),
    cells,
  )}${rest}`;
}
