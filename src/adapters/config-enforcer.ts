import { isKeyAction, isReversible, type KeyAction, keyActions } from '../domain/action';
import type { EnforcerCapabilities } from '../ports';
import type { Finding } from './config-faults';
import { isMap, maps, ms, valueAt } from './config-shape';
import { vendorCapabilities } from './enforcers/capabilities';

type Fields = Readonly<Record<string, unknown>>;
type Able = Pick<EnforcerCapabilities, 'actions' | 'reversible'> & { readonly name: string };

/** What a configured enforcer can and cannot do, and what it needs of the log. */
export const enforcerFindings = (document: unknown): Finding[] => {
  const via = valueAt(document, ['enforce', 'via']);
  return [
    ...(isMap(via) ? viaFindings(document, via) : []),
    ...policyFindings(document, ableOf(valueAt(document, ['enforce', 'webhook']), via)),
  ];
};

/** What is known of the enforcer; undefined where there is none, or another check has to speak first. */
const ableOf = (webhook: unknown, via: unknown): Able | undefined => {
  if (isMap(via)) {
    const capabilities = Object.entries(vendorCapabilities).find(([kind]) => kind === via.kind)?.[1];
    return capabilities && { name: String(via.kind), ...capabilities };
  }
  if (!isMap(webhook)) return undefined;
  const listed: readonly unknown[] = Array.isArray(webhook.actions) ? webhook.actions : ['suspend'];
  const actions = keyActions.filter((action) => listed.includes(action));
  return { name: 'the webhook', actions, reversible: actions.filter(isReversible) };
};

/** Nothing is ever done in the place of what cannot be done, so a rule that asks for it would do nothing. */
const policyFindings = (document: unknown, able: Able | undefined): Finding[] => {
  if (able === undefined) return [];
  const asked: [readonly (string | number)[], unknown][] = [
    ...maps(document, ['policy', 'rules']).map(([path, { action }]): [typeof path, unknown] => [path, action]),
    [['leaks'], valueAt(document, ['leaks', 'action'])],
  ];
  return asked.flatMap(([path, action]) => {
    if (typeof action !== 'string' || !isKeyAction(action as KeyAction)) return [];
    const can = able.actions.includes(action as KeyAction);
    const back = !isReversible(action as KeyAction) || able.reversible.includes(action as KeyAction);
    if (can && back) return [];
    const expected = `expected what ${able.name} can do and take back: ${able.actions.join(', ')}, or observe or alert`;
    return [{ path: [...path, 'action'], expected }];
  });
};

const viaFindings = (document: unknown, via: Fields): Finding[] => {
  const found: Finding[] = [];
  const place = ['enforce', 'via'];
  if (isMap(valueAt(document, ['enforce', 'webhook']))) {
    found.push({ path: place, expected: 'expected either enforce.webhook or enforce.via: one of them acts' });
  }
  if (ms(via.timeout) === 0) found.push({ path: [...place, 'timeout'], expected: 'expected more than zero' });
  if (ms(via.timeout ?? '15s') > ms(valueAt(document, ['enforce', 'notAfter']) ?? '15m')) {
    found.push({ path: [...place, 'timeout'], expected: 'expected no longer than enforce.notAfter' });
  }
  const login = isMap(via.login) ? via.login : {};
  found.push(...addressFindings(via, 'url', via.url, place), ...addressFindings(via, 'endpoint', via.endpoint, place));
  found.push(...addressFindings(via, 'url', login.url, [...place, 'login']));
  // Only where keys are ids is Tyk's hash the id; else keywatch hashes it once more, and Tyk knows nothing of that.
  if (via.kind === 'tyk' && valueAt(document, ['ingest', 'keyIs']) !== 'id') {
    found.push({
      path: ['ingest', 'keyIs'],
      expected:
        'expected id when enforce.via is tyk: the log must carry the hash that Tyk knows the key by (hash_keys)',
    });
  }
  return found;
};

const addressFindings = (via: Fields, name: string, text: unknown, place: readonly string[]): Finding[] => {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return [];
  const found: Finding[] = [];
  const path = [...place, name];
  if (url.protocol === 'http:' && via.allowHttp !== true) {
    found.push({ path, expected: 'expected https://, or enforce.via.allowHttp: true' });
  }
  if (url.username !== '' || url.password !== '') {
    found.push({ path, expected: 'expected no user or password in the address' });
  }
  if (url.search !== '' || url.hash !== '') found.push({ path, expected: 'expected an address without ? and #' });
  return found;
};
