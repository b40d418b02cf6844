import { addressOfHop } from '../client-address';
import { type Decoder, type KeyCandidate, reject } from '../decoder';
import { numberOf, statusOf } from '../fields';
import { noSecrets, queryOf, secretsOfQuery } from '../places';
import { own } from '../text';
import { parseCommonLogTime } from '../time';
import { splitRequestLine } from './nginx-json';

/** Fields of one line: nine in the combined format, more where the administrator appended some. */
const MAX_FIELDS = 32;

function hexDigit(code: number | undefined): number {
  if (code === undefined) return Number.NaN;
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : Number.NaN;
}

/** Undoes NGINX's default escaping (`\xHH` for quotes, backslashes, controls and bytes above 126). */
function undoEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes = Buffer.from(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    let byte = bytes[at];
    if (byte === 92 && at + 1 < bytes.length) {
      const code = bytes[at + 1] === 120 ? hexDigit(bytes[at + 2]) * 16 + hexDigit(bytes[at + 3]) : Number.NaN;
      byte = Number.isNaN(code) ? bytes[at + 1] : code;
      at += Number.isNaN(code) ? 1 : 3;
    }
    bytes[length] = byte;
    length += 1;
  }
  return bytes.toString('utf8', 0, length);
}

/** Index of the closing quote of the text that begins at `from`, -1 when it never closes. */
function closingQuote(line: string, from: number): number {
  for (let i = from; i < line.length; i += 1) {
    const c = line.charCodeAt(i);
    if (c === 92) i += 1;
    else if (c === 34) return i;
  }
  return -1;
}

/** Splits at spaces, with `[…]` and `"…"` as one field each; one pass. Undefined when a quote or bracket stays open. */
function fieldsOf(line: string): string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  while (at < line.length && fields.length < MAX_FIELDS) {
    const first = line.charCodeAt(at);
    if (first === 32) {
      at += 1;
      continue;
    }
    let end: number;
    if (first === 34) end = closingQuote(line, at + 1);
    else if (first === 91) end = line.indexOf(']', at + 1);
    else end = line.indexOf(' ', at);
    if (first === 34 || first === 91) {
      if (end < 0) return undefined;
      fields.push(first === 34 ? undoEscapes(line.slice(at + 1, end)) : line.slice(at + 1, end));
      at = end + 1;
    } else {
      fields.push(line.slice(at, end < 0 ? line.length : end));
      at = end < 0 ? line.length : end;
    }
  }
  return fields;
}

/** ` - user [` up to the time: the only bracket whose content has this shape, because a user name holds no colon. */
const timeBracket = / \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "/;

/**
 * Fields of a line of the combined format. NGINX writes `$remote_user`, which any client chooses by a Basic
 * `Authorization`, without quotes: spaces and brackets in it must not move the fields behind it.
 */
function recordOf(line: string): string[] | undefined {
  const time = timeBracket.exec(line);
  const dash = line.indexOf(' - ');
  if (time === null || dash < 0 || dash + 3 > time.index || line.indexOf(' ') !== dash) return fieldsOf(line);
  const rest = fieldsOf(line.slice(time.index + 1));
  return rest && [line.slice(0, dash), '-', line.slice(dash + 3, time.index), ...rest];
}

const orNothing = (field: string | undefined): string => (field === undefined || field === '-' ? '' : field);

/** An appended field that is a list of addresses is X-Forwarded-For, as in NGINX's stock `main` format. */
const isAddressList = (field: string): boolean => {
  const end = field.indexOf(',');
  return addressOfHop(end < 0 ? field : field.slice(0, end)) !== undefined;
};

function keyOf(user: string, last: string, keyField: string): KeyCandidate | undefined {
  if (keyField !== '') {
    const text = /^(?:remote_)?user$/i.test(keyField) ? user : last;
    return text === '' ? undefined : { text, kind: 'credential', ambiguous: true };
  }
  if (user !== '') return { text: user, kind: 'consumer', ambiguous: true };
  return last === '' ? undefined : { text: last, kind: 'credential', ambiguous: true };
}

/**
 * NGINX `combined`: `addr - user [time] "request" status bytes "referer" "agent"`, optionally followed by more fields,
 * of which a list of addresses is taken as X-Forwarded-For and the last other one as the key. `keyField` `user` takes
 * the user field only, any other name the last appended field only; without it the user comes first.
 */
export const nginxCombinedDecoder: Decoder = {
  input: 'line',

  recognise(line) {
    if (typeof line !== 'string') return undefined;
    const fields = recordOf(line);
    return fields !== undefined && fields.length >= 7 && !Number.isNaN(parseCommonLogTime(fields[3]))
      ? 'a line with a bracketed time, a quoted request and a status'
      : undefined;
  },

  decode(line, { keyField, clientAddress }) {
    if (typeof line !== 'string') return reject('unparsable-line', 'expected a line of text');
    const fields = recordOf(line);
    if (fields === undefined) return reject('unparsable-line', 'expected every quote and bracket to close');
    if (fields.length < 7)
      return reject('unparsable-line', 'expected at least the seven fields of the common log format');
    const [peer, , user, time, request, status, bytes, referer, userAgent] = fields;
    const extra = fields
      .slice(9)
      .map(orNothing)
      .filter((field) => field !== '');
    const forwardedFor = extra.find(isAddressList) ?? '';
    const last = extra.filter((field) => !isAddressList(field)).at(-1) ?? '';

    const { method, uri } = splitRequestLine(request);
    const secrets = noSecrets();
    secretsOfQuery(secrets, queryOf(uri));
    secretsOfQuery(secrets, queryOf(orNothing(referer)));
    const named = keyOf(orNothing(user), last, keyField);
    const fromQuery = keyField === '' ? secrets.keys[0] : undefined;
    const key =
      named ?? (fromQuery === undefined ? undefined : ({ text: fromQuery, kind: 'hash', ambiguous: false } as const));
    if (key === undefined) return { noKey: true };

    const ts = parseCommonLogTime(time);
    if (Number.isNaN(ts)) return reject('bad-time', 'time: expected common log format');
    const ip = clientAddress({ peer: own(peer), forwardedFor, forwarded: '' });
    if (ip === '' && orNothing(peer) !== '' && !peer.startsWith('unix:'))
      return reject('bad-address', 'address: expected an IPv4 or IPv6 address');
    return {
      ts,
      key,
      keyName: key.text === user ? '' : orNothing(user),
      tenant: '',
      ip,
      method,
      path: uri,
      route: '',
      status: statusOf(status),
      userAgent: orNothing(userAgent),
      bytes: numberOf(bytes),
      latencyMs: undefined,
      requestId: '',
      country: '',
      outcome: '',
      secrets: secrets.all,
    };
  },
};
