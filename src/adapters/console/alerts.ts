import type { AlertDocument, Severity } from '../../domain/alert';
import type { AlertSink } from '../../ports';
import { type Paint, paint, safeText } from '../terminal';

/** What is needed of a stream; `process.stdout` fits. */
export interface ConsoleStream {
  write(text: string, done: (error?: Error | null) => void): unknown;
}

export interface ConsoleAlertOptions {
  readonly stream: ConsoleStream;
  /** `json`: one document a line. `text`: one to three lines for a person. */
  readonly style: 'text' | 'json';
  /** Only for `text`; the caller decides (see `wantsColour`). */
  readonly colour: boolean;
  readonly name?: string;
}

/**
 * Alert documents to a stream. `write` resolves when the stream has taken the text and rejects when it failed (a closed
 * pipe). Texts of documents cannot speak to the terminal: what could is spelled out.
 */
export function createConsoleAlertSink(options: ConsoleAlertOptions): AlertSink {
  const { stream, style, colour, name = `console:${style}` } = options;
  const brush = paint(colour);
  const render = style === 'json' ? alertJson : (document: AlertDocument) => alertText(document, brush);
  return {
    name,
    write(documents) {
      if (documents.length === 0) return Promise.resolve();
      const text = documents.map((document) => `${render(document)}\n`).join('');
      return new Promise((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      });
    },
    close: () => Promise.resolve(),
  };
}

const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON escapes C0 controls itself; here also DEL, C1, line separators, direction overrides, invisible characters. */
function alertJson(document: AlertDocument): string {
  return JSON.stringify(document).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character.split('').map(escaped).join(''),
  );
}

const words: Readonly<Record<Severity, string>> = { 21: 'LOW', 47: 'MEDIUM', 73: 'HIGH', 99: 'CRITICAL' };
const hues: Readonly<Record<Severity, keyof Paint>> = { 21: 'dim', 47: 'yellow', 73: 'red', 99: 'red' };
const SHOWN_EVIDENCE = 4;

/**
 * One to three lines: time, severity, key and sentence; saw and expected of each piece of evidence; what is done.
 * An update, a closing or a notice says so in place of the severity.
 */
function alertText(document: AlertDocument, brush: Paint): string {
  const lines = [headline(document, brush)];
  const evidence = document.keywatch.evidence;
  if (evidence.length > 0) {
    const shown = evidence.slice(0, SHOWN_EVIDENCE).map((piece) => {
      const facet = brush.cyan(safeText(piece.facet, 16));
      return `${facet} saw ${safeText(piece.saw, 120)}, expected ${safeText(piece.expected, 120)}`;
    });
    const more = evidence.length - shown.length;
    lines.push(`  ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`);
  }
  const doing = action(document);
  if (doing !== '') lines.push(`  ${brush.bold(doing)}`);
  return lines.join('\n');
}

function headline(document: AlertDocument, brush: Paint): string {
  const { event, user } = document;
  const time = safeText(document['@timestamp'], 24);
  const state = document.keywatch.incident?.state;
  const word = (words[event.severity] ?? '').padEnd(8);
  const label = event.kind === 'alert' ? brush.bold(brush[hues[event.severity] ?? 'red'](word)) : brush.dim(word);
  const sentence = safeText(event.reason, 300);
  if (user === undefined) return `${brush.dim(time)} ${label} keywatch  ${sentence}`;
  const id = safeText(user.id, 64);
  const key = user.name !== '' && user.name !== user.id ? `${safeText(user.name, 48)} (${id})` : id;
  const note = state !== undefined && state !== 'open' ? `[${state}] ` : '';
  return `${brush.dim(time)} ${label} ${brush.bold(key)}  ${note}${sentence}`;
}

/** What is to be done and, for a request, what became of it. Updates that ask for nothing have no such line. */
function action(document: AlertDocument): string {
  const { action: what, mode, request } = document.keywatch;
  if (document.event.kind === 'event' && request === undefined) return '';
  const parts: string[] = [safeText(what, 16)];
  if (request !== undefined) {
    parts.push(safeText(request.state, 32));
    if (request.rail !== undefined) parts.push(`by ${safeText(request.rail, 32)}`);
    if (request.detail !== undefined) parts.push(`(${safeText(request.detail, 120)})`);
  }
  const dry = mode === 'dry-run' && (what === 'suspend' || request !== undefined);
  return `action: ${parts.join(' ')}${dry ? ' (dry run: nothing is done)' : ''}`;
}
