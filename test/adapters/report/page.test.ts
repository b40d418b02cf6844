import fc from 'fast-check';
import type { Sheet } from '../../../src/adapters/report/page';
import { renderCsv } from '../../../src/adapters/report/page-csv';
import { MOST_HTML_ROWS, renderPageHtml } from '../../../src/adapters/report/page-html';
import { renderPageText } from '../../../src/adapters/report/page-text';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '=HYPERLINK("http://evil.example";"x")',
    '+1+1',
    '-2',
    '@SUM(A1)',
    '\t=1+1',
    '\r\n=1+1',
    ' =1+1',
    '\u00a0=1',
    '"=1',
    "'=1",
    '\uff1d1+1',
    ';=cmd',
    'a","=1',
    '\u202e=1',
    '|calc',
    '%0A',
    '<script>alert(1)</script>',
    '</style><img src=x onerror=alert(1)>',
    '"><svg onload=alert(1)>',
    '&lt;script&gt;',
    '<!--',
    ']]>',
    '\u0000<b>',
    '\u001b]0;x\u0007',
  ),
);

const sheetOf = (rows: Sheet['rows'], over: Partial<Sheet> = {}): Sheet => ({
  name: 'a',
  title: 'A table',
  columns: ['one', 'two'],
  rows,
  ...over,
});

/** RFC 4180, strictly: fields of a record by commas, records by CRLF, a quote within quotes doubled. Throws otherwise. */
function recordsOf(csv: string): { text: string; quoted: boolean }[][] {
  const records: { text: string; quoted: boolean }[][] = [];
  let record: { text: string; quoted: boolean }[] = [];
  for (let at = 0; at < csv.length; ) {
    const [field, quoted, bare, end] =
      /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(csv.slice(at)) ?? ([] as undefined[]);
    if (field === undefined) throw new Error(`no field at ${at}`);
    record.push({ text: quoted === undefined ? bare! : quoted.replaceAll('""', '"'), quoted: quoted !== undefined });
    at += field.length;
    if (end === '\r\n') {
      records.push(record);
      record = [];
    }
  }
  expect(record).toEqual([]);
  return records;
}

test('CSV: any text is one field of its record, and no spreadsheet calculates it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(hostile, hostile), { maxLength: 5 }), (rows) => {
      const records = recordsOf(renderCsv(sheetOf(rows)));
      expect(records.map((record) => record.length)).toEqual(Array(rows.length + 1).fill(2));
      for (const { text } of records.flat()) {
        expect(text.trim()).not.toMatch(/^["\s]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]/);
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }
    }),
    { numRuns: 500 },
  );
});

test('CSV: plain texts come out as they were; numbers of ours stay numbers, below zero too', () => {
  const csv = renderCsv(sheetOf([['team "a", Köln', -1.5]]));
  expect(csv).toBe('"one","two"\r\n"team ""a"", Köln",-1.5\r\n');
  expect(recordsOf(csv)[1]![0]!.text).toBe('team "a", Köln');
});

test('HTML: no foreign text opens a tag, leaves an attribute or adds one; nothing is loaded or run', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (title, note, cell) => {
      const html = renderPageHtml(
        { title, notes: [note], sheets: [sheetOf([[cell, 1]], { title: note, columns: [cell, 'n'] })] },
        '1.0.0',
      );
      const plain = renderPageHtml(
        { title: 'x', notes: ['x'], sheets: [sheetOf([['x', 1]], { title: 'x', columns: ['x', 'n'] })] },
        '1.0.0',
      );
      const tags = (page: string) => page.match(/<[^>]*>/g);
      expect(tags(html)).toEqual(tags(plain));
      expect(tags(html)!.join('')).not.toMatch(/<script|<link|<img|src=|href=|\son\w+=/i);
      expect(html.replace(/\n/g, '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: 500 },
  );
});

test('HTML: says how many rows it leaves out', () => {
  const rows = Array.from({ length: MOST_HTML_ROWS + 3 }, (_, i) => ['k', i]);
  const html = renderPageHtml({ title: 't', notes: [], sheets: [sheetOf(rows)] }, '1.0.0');
  expect(html.match(/<tr>/g)).toHaveLength(MOST_HTML_ROWS + 1);
  expect(html).toContain('3 more rows are in the CSV');
});

test('text: no foreign text speaks to the terminal, and no line is wider than it', () => {
  fc.assert(
    fc.property(hostile, hostile, (note, cell) => {
      const text = renderPageText(
        { title: note, notes: [note], sheets: [sheetOf([[cell, 12_345]])] },
        { width: 60, colour: false },
      );
      expect(text.replace(/\n/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
  const wide = renderPageText(
    { title: 't', notes: [], sheets: [sheetOf([['k1', 'word '.repeat(40)]])] },
    { width: 60, colour: false },
  );
  for (const line of wide.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
});
