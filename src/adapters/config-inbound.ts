import { isLoopback } from './api/hosts';
import type { Finding } from './config-faults';
import { isMap, maps, ms, valueAt } from './config-shape';

/** What of the settings of `inbound` and `leaks` does not go together. */
export const inboundFindings = (document: unknown): Finding[] => [
  ...listenerFindings(document),
  ...leakFindings(document),
  ...ownerFindings(document),
];

function listenerFindings(document: unknown): Finding[] {
  const inbound = valueAt(document, ['inbound']);
  if (!isMap(inbound)) return [];
  const found: Finding[] = [];
  if (
    typeof inbound.host === 'string' &&
    !isLoopback(inbound.host) &&
    inbound.tls === undefined &&
    inbound.allowHttp !== true
  ) {
    found.push({ path: ['inbound', 'tls'], expected: 'required beyond the loopback, or allowHttp: true beside it' });
  }
  const port = inbound.port ?? 9466;
  const api = isMap(valueAt(document, ['api'])) ? (valueAt(document, ['api', 'port']) ?? 9465) : undefined;
  if (port !== 0 && (port === api || port === (valueAt(document, ['http', 'port']) ?? 9464)))
    found.push({ path: ['inbound', 'port'], expected: 'expected another than http.port and api.port' });
  if (!isMap(valueAt(document, ['leaks'])) && !isMap(valueAt(document, ['owner'])))
    found.push({ path: ['inbound'], expected: 'expected leaks or owner beside it: nothing else is served there' });
  return found;
}

function leakFindings(document: unknown): Finding[] {
  const leaks = valueAt(document, ['leaks']);
  if (!isMap(leaks)) return [];
  const found: Finding[] = [];
  if (!isMap(valueAt(document, ['inbound'])))
    found.push({ path: ['leaks'], expected: 'expected inbound beside it: where notices arrive' });
  if (leaks.github === undefined && leaks.secretFrom === undefined)
    found.push({ path: ['leaks'], expected: 'expected github.keys or secretFrom: who may send notices' });
  if (ms(leaks.for) === 0) found.push({ path: ['leaks', 'for'], expected: 'expected more than zero' });
  const ids = new Set<unknown>();
  for (const [path, { id }] of maps(document, ['leaks', 'github', 'keys'])) {
    if (ids.has(id)) found.push({ path: [...path, 'id'], expected: 'expected an id of its own' });
    ids.add(id);
  }
  return found;
}

function ownerFindings(document: unknown): Finding[] {
  const owner = valueAt(document, ['owner']);
  if (!isMap(owner)) return [];
  const found: Finding[] = [];
  if (!isMap(valueAt(document, ['inbound'])))
    found.push({ path: ['owner'], expected: 'expected inbound beside it: where the links lead' });
  if (!isMap(valueAt(document, ['inventory'])))
    found.push({ path: ['owner'], expected: 'expected inventory beside it: who owns a key' });
  for (const setting of ['expires', 'mute', 'suspend']) {
    if (ms(owner[setting]) === 0) found.push({ path: ['owner', setting], expected: 'expected more than zero' });
  }
  for (const setting of ['expires', 'mute']) {
    if (ms(owner[setting] ?? '1d') > ms('30d'))
      found.push({ path: ['owner', setting], expected: 'expected at most 30d' });
  }
  const { mail, chat } = owner;
  if (!isMap(mail) && !isMap(chat))
    found.push({ path: ['owner'], expected: 'expected mail or chat beside it: how owners are told' });
  if (isMap(chat) && chat.urlFrom === undefined && Object.keys(isMap(chat.owners) ? chat.owners : {}).length === 0)
    found.push({ path: ['owner', 'chat'], expected: 'expected urlFrom or owners: where to write' });
  if (isMap(chat) && ms(chat.timeout) === 0)
    found.push({ path: ['owner', 'chat', 'timeout'], expected: 'expected more than zero' });
  if (isMap(mail) && (mail.user === undefined) !== (mail.passwordFrom === undefined))
    found.push({ path: ['owner', 'mail'], expected: 'expected user and passwordFrom, or neither' });
  if (isMap(mail) && mail.tls === 'none' && (mail.user !== undefined || !isLoopback(String(mail.host))))
    found.push({ path: ['owner', 'mail', 'tls'], expected: 'none is for a relay on this machine, without a password' });
  return found;
}
