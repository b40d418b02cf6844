import { safeText } from '../terminal';
import type { Cell, Sheet } from './page';

/** What makes a spreadsheet take a text for a formula, also behind white space, and in full width (OWASP, CSV Injection). */
const FORMULA = /^[\s'"]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]/;

/** Columns of a cell: a spreadsheet takes at most 32,767 characters. */
const MOST = 8_000;

/**
 * A table as RFC 4180 CSV: a header line, CRLF, every text in double quotes. A text that a spreadsheet might calculate gets
 * an apostrophe before it; controls, line breaks and invisible characters are spelled out. Numbers are ours and stand bare.
 */
export function renderCsv({ columns, rows }: Sheet): string {
  return [columns, ...rows].map((row) => `${row.map(cellCsv).join(',')}\r\n`).join('');
}

function cellCsv(cell: Cell): string {
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '""';
  const text = safeText(cell, MOST);
  return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
