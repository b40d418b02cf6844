/**
 * Templating of paths: `/users/8412/orders` becomes `/users/{id}/orders`.
 *
 * The template is a function of the path alone. Collapsing a position once many distinct literals were seen there would
 * name routes better for APIs with words as ids, but its memory would live at the edge, before the log: after a restart,
 * or in another instance, the same path would get another template, and the same log other alerts. So what bounds a
 * route here is its shape (segments, lengths, characters); what bounds the number of routes is each detector's own row.
 */

const MAX_SEGMENTS = 10;
const MAX_SEGMENT = 48;
const MAX_ROUTE = 256;

const date = /^(?:19|20)\d\d-[01]\d(?:-[0-3]\d)?(?:[T ][0-9:.]{2,18}(?:Z|[+-][0-9:]{2,5})?)?$/;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ulid = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;
const hex = /^(?:0x)?[0-9a-f]{8,}$/i;
const version = /^v\d{1,3}(?:\.\d{1,3})*$/i;
const extension = /^(.+)(\.[A-Za-z][A-Za-z0-9]{0,4})$/;

/** Counts that tell ids from words: digits, and changes between upper case, lower case and digits. */
function isIdLike(text: string): boolean {
  let digits = 0;
  let upper = 0;
  let lower = 0;
  let changes = 0;
  let previous = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    let kind = 0;
    if (c >= 48 && c <= 57) kind = 1;
    else if (c >= 65 && c <= 90) kind = 2;
    else if (c >= 97 && c <= 122) kind = 3;
    if (kind === 1) digits += 1;
    else if (kind === 2) upper += 1;
    else if (kind === 3) lower += 1;
    if (kind !== 0 && previous !== 0 && kind !== previous) changes += 1;
    previous = kind;
  }
  if (digits === text.length) return true;
  if (digits >= 4 && digits / text.length >= 0.4) return true;
  if (text.length >= 14 && digits >= 2 && upper > 0 && lower > 0 && changes / text.length >= 0.35) return true;
  return text.length >= 20 && upper > 0 && lower > 0 && changes / text.length >= 0.5;
}

function wordOrPlaceholder(text: string): string {
  if (text.length > MAX_SEGMENT || text.includes('REDACTED')) return '{id}';
  if (version.test(text)) return text;
  if (date.test(text)) return '{date}';
  if (uuid.test(text) || ulid.test(text)) return '{id}';
  if (hex.test(text) && /\d/.test(text)) return '{id}';
  // Escapes are left only where a client's own words stand (a search, a file name): an argument, not a route.
  if (text.includes('%') || text.includes('\ufffd')) return '{id}';
  return isIdLike(text) ? '{id}' : text;
}

function segmentTemplate(segment: string): string {
  if (segment.includes('@') || segment.includes('%40')) return '{email}';
  const file = segment.length > MAX_ROUTE ? null : extension.exec(segment);
  if (file !== null) {
    const stem = wordOrPlaceholder(file[1]);
    if (stem !== file[1]) return stem + file[2].toLowerCase();
  }
  return wordOrPlaceholder(segment);
}

/** Template of a path without query. Deterministic, at most 256 characters and 10 segments, the rest as `*`. */
export function routeOf(path: string): string {
  let route = '';
  let segments = 0;
  for (const segment of path.split('/', 64)) {
    if (segment === '') continue;
    segments += 1;
    if (segments > MAX_SEGMENTS) return `${route}/*`;
    const template = segmentTemplate(segment);
    if (route.length + template.length + 3 > MAX_ROUTE) return `${route}/*`;
    route += `/${template}`;
  }
  return route === '' ? '/' : route;
}
