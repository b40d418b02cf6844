import { writeFile } from 'node:fs/promises';
import type { ReportPage } from '../../adapters/report/page';
import { renderCsv } from '../../adapters/report/page-csv';
import { renderPageHtml } from '../../adapters/report/page-html';
import { renderPageText } from '../../adapters/report/page-text';
import { OperatorError, type ReportOptions } from '../../options';

/**
 * Writes the report to the files that the options name, readable by their owner alone where they are new, and as text to
 * `out`. Throws OperatorError when a file cannot be written or has no such table.
 */
export async function writeReport(page: ReportPage, data: object, options: ReportOptions): Promise<void> {
  const { html, csv, json, table, terminal, version, kind } = options;
  const sheet = table === undefined ? page.sheets[0] : page.sheets.find(({ name }) => name === table);
  if (sheet === undefined) {
    throw new OperatorError(
      `--table ${JSON.stringify(table)}: expected one of ${page.sheets.map(({ name }) => name).join(', ')}`,
    );
  }
  if (json !== undefined) await save(json, `${JSON.stringify({ report: kind, version, ...data }, null, 2)}\n`);
  if (html !== undefined) await save(html, renderPageHtml(page, version));
  if (csv !== undefined) await save(csv, renderCsv(sheet));
  terminal.out.write(renderPageText(page, { width: terminal.width, colour: terminal.colour.out }));
}

async function save(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    throw new OperatorError(`${path} cannot be written (${error.code ?? 'unknown'})`);
  });
}
