import { z } from 'zod';
import { Problem } from '../api/problem';

/** One find. Lives as long as the call: only what is made of it goes further. */
export interface Found {
  /** The raw key, or a key id that needs no secret; one of the two. */
  readonly token?: string | undefined;
  readonly key?: string | undefined;
  /** How the sender calls this kind of key. */
  readonly type: string;
  /** Where it was found: scheme, host and path; '' where nobody said. Holds none of the tokens of its notice. */
  readonly place: string;
}

/** Finds of one notice. GitHub gathers many in one message. */
export const MOST_FOUND = 1_000;
const MAX_PLACE = 512;

const token = z.string().min(8).max(4_096);
const url = z.string().max(8_192);

const github = z
  .array(z.object({ token, type: z.string().max(256), url: url.nullish(), source: z.string().max(64).nullish() }))
  .min(1)
  .max(MOST_FOUND);

const one = z.strictObject({
  token: token.optional(),
  key: z.string().min(1).max(1_024).optional(),
  url: url.optional(),
});
const generic = z.strictObject({
  notices: z
    .array(one.refine((found) => (found.token === undefined) !== (found.key === undefined)))
    .min(1)
    .max(MOST_FOUND),
});

/** GitHub's message: an array of `token`, `type`, `url`, `source`. Throws a problem that repeats nothing of it. */
export function githubNotice(body: Buffer): readonly Found[] {
  const found = parsed(github, body);
  const tokens = found.map((each) => each.token);
  return found.map((each) => ({ token: each.token, type: each.type, place: placeOf(each.url ?? '', tokens) }));
}

/** `{"notices":[{"token" or "key", "url"}]}`. Throws a problem that repeats nothing of it. */
export function genericNotice(body: Buffer): readonly Found[] {
  const { notices } = parsed(generic, body);
  const tokens = notices.flatMap((each) => each.token ?? []);
  return notices.map((each) => ({ ...each, type: '', place: placeOf(each.url ?? '', tokens) }));
}

function parsed<T>(schema: z.ZodType<T>, body: Buffer): T {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    // Told below.
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new Problem(400, 'The notice is not as docs/leaks.md has it.');
  return result.data;
}

/**
 * A place that may be shown: a web address without user, query and fragment. Its host alone where a token of the notice
 * stands in it, plainly or percent-encoded; nothing where even that holds one.
 */
function placeOf(text: string, tokens: readonly string[]): string {
  if (!URL.canParse(text)) return '';
  const { protocol, origin, pathname } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return '';
  const shown = `${origin}${pathname}`.slice(0, MAX_PLACE);
  if (!holdsAny(`${origin}${pathname}`, tokens)) return shown;
  return holdsAny(origin, tokens) ? '' : `${origin}/`;
}

function holdsAny(text: string, tokens: readonly string[]): boolean {
  let seen = text;
  for (let round = 0; round < 3; round += 1) {
    const low = seen.toLowerCase();
    if (tokens.some((token) => low.includes(token.toLowerCase()))) return true;
    try {
      seen = decodeURIComponent(seen);
    } catch {
      return true;
    }
  }
  return false;
}
