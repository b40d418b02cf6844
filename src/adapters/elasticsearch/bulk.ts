import type { ElasticsearchAnswer } from './client';

/** One document, ready to send. */
export interface Item {
  /** Place in the caller's list. */
  readonly index: number;
  /** Action line and source line, each with its line feed. */
  readonly text: string;
  /** UTF-8. */
  readonly bytes: number;
}

/** What became of one document. `again`: the receiver may take it later. `refused`: it never will. */
export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** A whole answer: a verdict for each item; or too much for one request; or `again` (soon) or `fault` (not soon) for all. */
export type BulkResult =
  | { readonly kind: 'items'; readonly verdicts: readonly Verdict[] }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'again'; readonly reason: string; readonly retryAfter?: ElasticsearchAnswer['retryAfter'] }
  | { readonly kind: 'fault'; readonly reason: string };

/** Statuses of an overloaded or restarting server, of a request as of an item. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Consecutive items whose bytes stay within `maxBytes`; an item that is larger goes alone. */
export function* portions(items: readonly Item[], maxBytes: number): Generator<readonly Item[]> {
  let portion: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    if (portion.length > 0 && bytes + item.bytes > maxBytes) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(item);
    bytes += item.bytes;
  }
  if (portion.length > 0) yield portion;
}

/** Reads the answer to a `_bulk` request of `count` items, in order. */
export function readAnswer({ status, body, retryAfter }: ElasticsearchAnswer, count: number): BulkResult {
  if (status === 413) return { kind: 'too-large' };
  if (status !== 200) {
    const reason = `HTTP ${status} ${errorText(fieldOf(body, 'error'))}`.trim();
    return passing.has(status) ? { kind: 'again', reason, retryAfter } : { kind: 'fault', reason };
  }
  const items = fieldOf(body, 'items');
  if (!Array.isArray(items) || items.length !== count) {
    return { kind: 'fault', reason: `the answer does not speak of all ${count} documents` };
  }
  return { kind: 'items', verdicts: items.map(verdictOf) };
}

/**
 * 409 is a document that is there already: with an id from its cause, the same one. 400 is about this document, but for
 * a pipeline that the index names and nobody made; every other refusal (no rights, no index, a blocked index) is about
 * the place too, and passes when the operator mends it.
 */
function verdictOf(item: unknown): Verdict {
  const result = fieldOf(item, 'create');
  const status = Number(fieldOf(result, 'status'));
  if (status === 409 || (status >= 200 && status < 300)) return { kind: 'done' };
  const error = fieldOf(result, 'error');
  const ofDocument = status === 400 && !/^pipeline with id \[/.test(String(fieldOf(error, 'reason')));
  return { kind: ofDocument ? 'refused' : 'again', reason: `${status} ${errorText(error)}`.trim() };
}

function errorText(error: unknown): string {
  if (typeof error === 'string') return error.slice(0, 300);
  const causes = [error, fieldOf(error, 'caused_by')].map((cause) => {
    const [type, reason] = [fieldOf(cause, 'type'), fieldOf(cause, 'reason')];
    return [type, reason].filter((text) => typeof text === 'string').join(': ');
  });
  return causes.filter(Boolean).join('; ').slice(0, 300);
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
