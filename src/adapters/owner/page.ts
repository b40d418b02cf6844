/** Pages for owners: HTML that needs nothing from anywhere, no script and no style. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Controls, and marks that turn the direction of text: a stranger's words must not rearrange ours. */
const misleading = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A text of strangers on one line, without what could mislead. */
export const plain = (text: string, most: number): string => text.replace(misleading, ' ').slice(0, most);

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => entities[one]!);

export interface ConfirmPage {
  readonly title: string;
  /** Shown one below the other; texts, not HTML. */
  readonly known: readonly string[];
  /** What the button will do. */
  readonly effect: readonly string[];
  readonly button: string;
  readonly link: string;
  readonly form: string;
}

export function confirmPage({ title, known, effect, button, link, form }: ConfirmPage): string {
  return html(title, [
    ...known.map(paragraph),
    '<h2>What will happen</h2>',
    ...effect.map(paragraph),
    '<form method="post" action="/v1/owner" autocomplete="off">',
    `<input type="hidden" name="link" value="${escaped(link)}">`,
    `<input type="hidden" name="form" value="${escaped(form)}">`,
    `<button type="submit">${escaped(button)}</button>`,
    '</form>',
    paragraph('Nothing happens until you press the button. To leave everything as it is, close this page.'),
  ]);
}

export const messagePage = (title: string, texts: readonly string[]): string => html(title, texts.map(paragraph));

const paragraph = (text: string) => `<p>${escaped(plain(text, 1_000))}</p>`;

const html = (title: string, body: readonly string[]): string =>
  [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">',
    `<title>${escaped(title)}</title></head><body><main>`,
    `<h1>${escaped(title)}</h1>`,
    ...body,
    '</main></body></html>',
    '',
  ].join('\n');
