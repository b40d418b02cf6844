import pino from 'pino';
import { redactText } from '../ingest/redact';
import { isSecretName } from './secrets';
import { paint, safeText } from './terminal';

export type Log = pino.Logger;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  readonly level: LogLevel;
  /** Where lines go; default stderr, written at once, so that the last words before a crash are there. */
  readonly stream?: { write(line: string): unknown };
  /** Short lines for people instead of JSON; default: whether stderr is a terminal. */
  readonly pretty?: boolean;
  readonly colour?: boolean;
}

export const REDACTED = '[redacted]';

/** Names whose values never reach a line, here for bindings of child loggers, which bypass `cleanValue`. */
const redactedNames = ['password', 'secret', 'token', 'pepper', 'apiKey', 'authorization', 'cookie', 'privateKey'];

/**
 * Structured logs: one JSON object a line with `level`, `time` (RFC 3339), `msg` and fields. Control characters are
 * removed, secret-looking texts and fields named like secrets are replaced, depth and lengths are bounded.
 */
export const createLog = (options: LogOptions): Log => {
  const pretty = options.pretty ?? process.stderr.isTTY === true;
  const stream = options.stream ?? pino.destination({ dest: 2, sync: true });
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedNames.flatMap((name) => [name, `*.${name}`]), censor: REDACTED },
      // Errors are cleaned below; pino's own serializer would take the result for an error again.
      serializers: { err: (cleaned: unknown) => cleaned },
      hooks: {
        logMethod(args, method) {
          // pino takes (object, text) or (text); an error alone gives the text as well.
          const [first, ...rest] = args as unknown[];
          const message = first instanceof Error && rest.length === 0 ? [cleanText(first.message)] : [];
          const cleaned = [cleanArgument(first), ...message, ...rest.map((value) => cleanValue(value, 1))];
          method.apply(this, cleaned as Parameters<typeof method>);
        },
      },
    },
    pretty ? { write: (line: string) => stream.write(prettyLine(line, options.colour ?? false)) } : stream,
  );
};

const MAX_TEXT = 4_096;
const MAX_DEPTH = 4;
const MAX_ITEMS = 50;

const cleanArgument = (value: unknown): unknown =>
  value instanceof Error ? { err: cleanValue(value, 1) } : cleanValue(value, 0);

/** A text without control characters and secrets, user and query of URLs among them. Line breaks stay, for stacks. */
const cleanText = (text: string): string =>
  redactText(
    text
      .slice(0, MAX_TEXT)
      .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '')
      .replace(/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#@]{1,256}@/gi, '$1')
      .replace(/\b(https?:\/\/[^\s?#]{1,1024})\?[^\s#]*/gi, '$1'),
  );

const cleanValue = (value: unknown, depth: number): unknown => {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (depth >= MAX_DEPTH) return Array.isArray(value) ? '[list]' : '[object]';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => cleanValue(item, depth + 1));
  const fields: [string, unknown][] =
    value instanceof Error
      ? [
          ['type', value.name],
          ['message', value.message],
          ['code', codeOf(value)],
          ['stack', value.stack],
        ]
      : Object.entries(value).slice(0, MAX_ITEMS);
  if (value instanceof Error && value.cause !== undefined) fields.push(['cause', value.cause]);
  return Object.fromEntries(
    fields.map(([name, inner]) => [name, isSecretName(name) ? REDACTED : cleanValue(inner, depth + 1)]),
  );
};

const codeOf = (error: Error): unknown => (error as NodeJS.ErrnoException).code;

const levelStyles = { debug: 'dim', info: 'green', warn: 'yellow', error: 'red' } as const;

/** `14:03:11 WARN  broker is down  part=kafka retryIn=2000`: what a person needs while it runs. */
const prettyLine = (line: string, colour: boolean): string => {
  const { level, time, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const paints = paint(colour);
  const style = levelStyles[level as LogLevel] ?? 'red';
  const shown = Object.entries(fields).map(([name, value]) => {
    const text = typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
    return `${name}=${safeText(text, 200)}`;
  });
  const head = `${String(time).slice(11, 19)} ${paints[style](String(level).toUpperCase().padEnd(5))}`;
  const text = [`${head} ${safeText(String(msg ?? ''), 400)}`, ...shown.map((field) => paints.dim(field))].join('  ');
  const stack = (err as { stack?: string } | undefined)?.stack;
  const stackLines = stack?.split('\n').slice(1, 9) ?? [];
  return `${[text, ...stackLines.map((frame) => paints.dim(`  ${safeText(frame.trim(), 200)}`))].join('\n')}\n`;
};
