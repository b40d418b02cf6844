/**
 * Recognises texts that have the shape of a secret. Two grounds: the prefixes by which vendors mark their tokens, and
 * long runs that look random. Every pattern is linear: one class per repetition, no repetition within a repetition.
 */

export const REDACTED = 'REDACTED';

/**
 * Published token prefixes: Stripe, GitHub, GitLab, Slack, Google, SendGrid, npm, PyPI, Shopify, DigitalOcean,
 * HashiCorp Vault, Anthropic, OpenAI, Hugging Face, Standard Webhooks; JSON Web Tokens; PEM. An AWS access key id
 * (`AKIA…`) is an id by design and stays.
 */
const prefixed = new RegExp(
  [
    // A digit tells the key from a word that merely ends in the prefix; looking for it is bounded.
    '[srp]k_(?:live|test)_(?=[A-Za-z_]{0,32}[0-9])[A-Za-z0-9_]{4,}',
    '(?:whsec_|gh[pousr]_|github_pat_|glpat-|xox[a-z]-|xapp-|shp(?:at|ca|pa|ss)_|dop_v1_|sk-ant-|sk-proj-|pypi-AgE)[A-Za-z0-9_=-]{4,}',
    'AIza[A-Za-z0-9_-]{20,}',
    'ya29\\.[A-Za-z0-9_.-]{10,}',
    '\\bSG\\.[A-Za-z0-9_.-]{16,}',
    '\\bhv[sbr]\\.[A-Za-z0-9_-]{20,}',
    '\\b(?:npm|hf)_[A-Za-z0-9]{16,}',
    '\\bsk-[A-Za-z0-9]{20,}',
    'eyJ[A-Za-z0-9_-]{8,}[A-Za-z0-9_.-]*',
    '-----BEGIN[^]*',
  ].join('|'),
  'g',
);

/** A secret written out with its name, as in `apikey=…` or `Bearer …`. */
const named =
  /\b(?:(?:api[-_]?|subscription-)?key|(?:access_)?token|(?:client_)?secret|password)(?:=|%3d)[^&\s"',;/]+|\bbearer(?: |%20)[^\s"',;()]{6,}/gi;

const runs = /[A-Za-z0-9_+=-]{32,}/g;
const LONG = 32;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Upper, lower, digit, other. */
function classOf(code: number): number {
  if (code >= 48 && code <= 57) return 2;
  if (code >= 65 && code <= 90) return 0;
  return code >= 97 && code <= 122 ? 1 : 3;
}

/**
 * Whether a run looks random. Random characters change class (upper, lower, digit) at more than half of the places, and
 * hexadecimal ones at more than a third; words, slugs and camelCase at less. So: an unbroken piece of 32 letters and
 * digits with at least 3 of each, or a run with both cases that changes class often. Separators are passed over.
 */
function looksRandom(run: string): boolean {
  if (run.length < LONG || uuid.test(run)) return false;
  const seen = [0, 0, 0];
  let changes = 0;
  let piece = 0;
  let pieceDigits = 0;
  let previous = -1;
  for (let i = 0; i < run.length; i += 1) {
    const kind = classOf(run.charCodeAt(i));
    if (kind === 3) {
      piece = 0;
      pieceDigits = 0;
      continue;
    }
    seen[kind] += 1;
    if (previous >= 0 && kind !== previous) changes += 1;
    previous = kind;
    piece += 1;
    if (kind === 2) pieceDigits += 1;
    if (piece >= LONG && pieceDigits >= 3 && piece - pieceDigits >= 3) return true;
  }
  const [upper, lower, digits] = seen;
  if (upper === 0 || lower === 0) return false;
  const share = changes / (upper + lower + digits);
  return share >= 0.5 || (digits >= 2 && share >= 0.4);
}

/** The text with every secret-shaped part replaced by `REDACTED`. Linear; the same text comes back when nothing is found. */
export function redactText(text: string): string {
  if (text.length < 9) return text;
  const result = text.replace(prefixed, REDACTED).replace(named, REDACTED);
  return result.length < LONG ? result : result.replace(runs, (run) => (looksRandom(run) ? REDACTED : run));
}

/** Whether a key's text has the shape of the raw key rather than of its id. UUIDs, `AKIA…` and short texts are ids. */
export function looksLikeSecret(text: string): boolean {
  if (text.length < 9) return false;
  prefixed.lastIndex = 0;
  if (prefixed.test(text)) return true;
  // A key may be any base64, so '/', '.' and the like join its pieces here, where in a path they part them.
  return text.length >= LONG && looksRandom(text.replace(/[^A-Za-z0-9_+=-]/g, '_'));
}

/** Removes known secrets from a text, in any case of letters. */
export function removeSecrets(text: string, secrets: readonly string[]): string {
  let result = text;
  for (const secret of secrets) {
    if (result.length < secret.length) continue;
    const wanted = secret.toLowerCase();
    // Lower-casing can change a text's length outside ASCII; then positions would not fit, and exact matching is left.
    const lower = result.toLowerCase();
    if (lower.length !== result.length || wanted.length !== secret.length) {
      result = result.split(secret).join(REDACTED);
      continue;
    }
    let at = lower.indexOf(wanted);
    if (at < 0) continue;
    let out = '';
    let from = 0;
    for (; at >= 0; at = lower.indexOf(wanted, from)) {
      out += result.slice(from, at) + REDACTED;
      from = at + wanted.length;
    }
    result = out + result.slice(from);
  }
  return result;
}

const hexId = /^[0-9a-f-]{8,64}$/i;

/** Request ids are random by nature: UUIDs and plain hex stay, everything else is held to the common rule. */
export const redactRequestId = (text: string): string => (hexId.test(text) ? text : redactText(text));
