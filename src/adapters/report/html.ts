import { safeText } from '../terminal';

/** The page loads nothing, runs nothing and sends nothing, whatever a text in it holds. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A foreign text for HTML content and quoted attributes; invisible and direction-changing characters are spelled out. */
export function escaped(text: string, max = 480): string {
  return safeText(text, max).replace(/[&<>"']/g, (character) => entities[character]!);
}

/** A table of cells that are HTML already. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) => row.map((cell) => `<${tag}>${cell}</${tag}>`).join('');
  const top = head.length === 0 ? '' : `<thead><tr>${cells('th', head)}</tr></thead>`;
  return `<table>${top}<tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}</tbody></table>`;
}

/** A whole self-contained page. `title` and `style` are ours, `body` is HTML; empty parts are left out. */
export function htmlPage(title: string, style: string, body: readonly string[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style></head>
<body>
${body.filter((part) => part !== '').join('\n')}
</body></html>
`;
}
