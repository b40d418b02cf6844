import type { KeyKind, UsageEvent } from '../domain/event';
import type { Rejection } from '../domain/rejection';
import { type Draft, type KeyCandidate, reject } from './decoder';
import { memo } from './memo';
import { noSecrets, queryOf, SHORTEST_SECRET, secretsOfQuery } from './places';
import { looksLikeSecret, redactRequestId, redactText, removeSecrets } from './redact';
import { routeOf } from './route';
import { cleanText, cut, decodeUnreserved, isLongerThan, isUnsafe } from './text';

/** Events outside these years are faults of a clock or of a unit. */
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

const LONGEST_KEY = 1024;
/** Free texts are cut to this before they are searched for secrets, which bounds the work a record can cause. */
const LONGEST_SEARCHED = 8_192;
const LONGEST_PATH = 512;
const LONGEST_USER_AGENT = 512;

/** Detail of the rejection of a raw key while no pepper is configured; it names the setting that is missing. */
export const pepperMissing =
  'ingest.pepperFrom is not set: the log holds a raw key, which must be hashed (or, where it is an id, set ingest.keyIs to id)';

export interface AssembleOptions {
  readonly keyIs: 'auto' | 'id' | 'secret';
  readonly hashKey: ((raw: string) => string) | undefined;
}

interface Key {
  readonly text: string;
  readonly kind: KeyKind;
  /** The text of the log was replaced by its hash, so it must not be left anywhere else either. */
  readonly hashed: boolean;
}

/** Removes, cleans, redacts, in this order: cleaning first could hide a known secret, cutting first could halve one. */
const scrub = (text: string, secrets: readonly string[]): string =>
  redactText(cleanText(removeSecrets(cut(text, LONGEST_SEARCHED), secrets)));

/** A URI without scheme, host, query and fragment. */
function barePath(uri: string): string {
  let path = uri;
  const scheme = path.indexOf('://');
  if (scheme > 0 && scheme < 10) {
    const slash = path.indexOf('/', scheme + 3);
    path = slash < 0 ? '/' : path.slice(slash);
  }
  const end = path.search(/[?#]/);
  return end < 0 ? path : path.slice(0, end);
}

interface Path {
  readonly path: string;
  readonly route: string;
}

function pathOf(uri: string, secrets: readonly string[]): Path {
  const path = cut(scrub(decodeUnreserved(barePath(uri)), secrets), LONGEST_PATH);
  return { path, route: path === '' ? '' : routeOf(path) };
}

const methodOf = (text: string): string => (/^[A-Za-z-]{1,20}$/.test(text) ? text.toUpperCase() : '');

/** Every spelling in which a secret may turn up elsewhere, longest first so that no part of one outlives another. */
function spellings(secrets: readonly string[]): readonly string[] {
  if (secrets.length === 0) return secrets;
  const all = new Set(secrets);
  for (const secret of secrets) {
    try {
      all.add(encodeURIComponent(secret));
    } catch {
      // A lone surrogate has no encoded spelling.
    }
  }
  return [...all].sort((a, b) => b.length - a.length);
}

/**
 * Answers a function that makes the usage event from what a decoder found, or says why there can be none. The only place
 * where texts of a record become texts of an event, so that what is redacted does not depend on the log format.
 * Same draft, same event; what is remembered between calls only saves time. Never throws unless `hashKey` does.
 */
export function createAssembler({ keyIs, hashKey }: AssembleOptions): (draft: Draft) => UsageEvent | Rejection {
  const userAgents = memo((text) => cut(scrub(text, []), LONGEST_USER_AGENT), 4_096, 512);
  const texts = memo((text) => scrub(text, []), 8_192, 256);
  const paths = memo((uri) => pathOf(uri, []), 8_192, 512);
  const methods = memo(methodOf, 64, 32);
  const keys = memo((text) => ({ text, unsafe: isUnsafe(text), secret: looksLikeSecret(text) }), 32_768, 128);

  function mustHash(
    { text, kind, ambiguous }: KeyCandidate,
    secretShaped: boolean,
    secrets: readonly string[],
  ): boolean {
    // By its place a raw key, unless the place is known to hold either and the configuration says which.
    if (kind === 'hash' ? !(ambiguous && keyIs === 'id') : ambiguous && keyIs === 'secret') return true;
    // Said to be an id: then a client that writes it into a secret's place must not become another key by it.
    if (keyIs === 'id') return false;
    // An id that the record also shows in a secret's place, whole or as a part, is no id.
    const shown = (secret: string) => text === secret || (secret.length >= 16 && text.includes(secret));
    return secrets.some(shown) || secretShaped;
  }

  function identify(candidate: KeyCandidate, secrets: readonly string[]): Key | Rejection {
    const { kind } = candidate;
    if (isLongerThan(candidate.text, LONGEST_KEY))
      return reject('key-too-long', `key: expected at most ${LONGEST_KEY} characters`);
    // An identity is never repaired: two broken keys must not become one.
    const { text, unsafe, secret } = keys(candidate.text);
    if (unsafe) return reject('bad-text', 'key: expected no control characters and no broken encoding');
    if (!mustHash(candidate, secret, secrets))
      return { text, kind: kind === 'hash' ? 'credential' : kind, hashed: false };
    if (hashKey === undefined) return reject('missing-field', pepperMissing);
    return { text: hashKey(text), kind: 'hash', hashed: true };
  }

  return (draft) => {
    const { ts } = draft;
    if (Number.isNaN(ts)) return reject('bad-time', 'time: expected a time that this format writes');
    if (!(ts >= EARLIEST && ts < LATEST)) return reject('time-impossible', 'time: expected a year from 2000 to 2099');

    let known = draft.secrets;
    const query = queryOf(draft.path);
    if (query !== '') {
      const found = noSecrets();
      secretsOfQuery(found, query);
      if (found.all.length > 0) known = [...known, ...found.all];
    }
    const key = identify(draft.key, known);
    if ('reason' in key) return key;
    if (key.hashed && draft.key.text.length >= SHORTEST_SECRET) known = [...known, draft.key.text];

    const secrets = spellings(known);
    const plain = secrets.length === 0;
    const text = (value: string, max: number) =>
      value === '' ? '' : cut(plain ? texts(value) : scrub(value, secrets), max);
    // What is remembered is the path alone; with its query no two would be alike.
    const uri = query === '' ? draft.path : draft.path.slice(0, draft.path.indexOf('?'));
    const { path, route } = plain ? paths(uri) : pathOf(uri, secrets);
    return {
      ts,
      key: key.text,
      keyKind: key.kind,
      keyName: text(draft.keyName, 256),
      tenant: text(draft.tenant, 256),
      ip: draft.ip,
      method: draft.method === '' ? '' : methods(draft.method),
      path,
      route: draft.route === '' ? route : text(draft.route, 512),
      status: draft.status,
      userAgent:
        draft.userAgent === ''
          ? ''
          : plain
            ? userAgents(draft.userAgent)
            : cut(scrub(draft.userAgent, secrets), LONGEST_USER_AGENT),
      bytes: draft.bytes,
      latencyMs: draft.latencyMs,
      requestId:
        draft.requestId === ''
          ? ''
          : cut(redactRequestId(cleanText(removeSecrets(cut(draft.requestId, LONGEST_SEARCHED), secrets))), 256),
      country: /^[A-Za-z]{2}$/.test(draft.country) ? draft.country.toUpperCase() : '',
      outcome: text(draft.outcome, 64),
    };
  };
}
