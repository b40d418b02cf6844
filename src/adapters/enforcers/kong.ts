import { createHash } from 'node:crypto';
import type { EnforcementCommand, Enforcer, EnforcerCapabilities } from '../../ports';
import { createTurns } from '../turns';
import { refused } from './failure';
import { openVendorApi, segment, type VendorPlace } from './vendor-api';
import { vendorEnforcer } from './vendor-enforcer';

export const kongCapabilities: EnforcerCapabilities = {
  actions: ['suspend'],
  reversible: ['suspend'],
  granularity: 'consumer',
  /** Kong's nodes look for changes every `db_update_frequency`, by default 5 s, and build the plugins anew after it. */
  effectMs: 15_000,
  keyKinds: ['credential', 'consumer'],
};

export interface KongPlace extends VendorPlace {
  /** Goes with every call: `Kong-Admin-Token`, or what protects the Admin API. */
  readonly token?: { readonly header: string; readonly value: string } | undefined;
}

const MARK = 'keywatch';
const digest = (text: string) => createHash('sha256').update(text).digest('hex');
const uuid = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/** The plugin of a consumer has one id for ever, so that a repetition finds what the first attempt made. */
function pluginIdOf(consumer: string): string {
  const hex = digest(`${MARK} request-termination ${consumer}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A key that holds the plugin in place. */
const holdOf = (key: string) => `${MARK}-${digest(key).slice(0, 16)}`;

/**
 * Kong Gateway's Admin API. A credential of Kong has no flag, so the *consumer* is stopped, with all of its keys: by a plugin
 * `request-termination` of its own (`POST /consumers/{consumer}/plugins`), which a release deletes. Nothing that was there
 * before is touched: where the consumer has such a plugin already, the suspension fails. Several keys of one consumer hold
 * the plugin together, each with a tag; it goes with the last one. Of a key-auth credential the consumer is asked for
 * (`GET /key-auths/{id}/consumer`), so that no secret is answered.
 */
export function createKong(place: KongPlace): Enforcer {
  const { token } = place;
  const api = openVendorApi(place, token === undefined ? {} : { [token.header.toLowerCase()]: token.value });
  // Two keys of one consumer must not write its plugin's tags at once.
  const inTurn = createTurns();

  async function consumerOf(command: EnforcementCommand, signal: AbortSignal): Promise<string | undefined> {
    if (command.keyKind === 'consumer') return command.key;
    const path = `/key-auths/${segment(command.key)}/consumer`;
    const answer = await api.must({ method: 'GET', path, signal, what: 'consumer of the credential' }, [404]);
    // Whoever asks without saying what the id stands for may mean the consumer itself.
    if (answer.status === 404) return command.keyKind === undefined ? command.key : undefined;
    const id = answer.json?.id;
    if (typeof id !== 'string' || !uuid.test(id)) throw refused('consumer of the credential: the answer has no id');
    return id;
  }

  const pathOf = (consumer: string) => `/consumers/${segment(consumer)}/plugins`;

  /**
   * Consumers that the key holds. Asked of the plugins and not of the credential, which its owner may have replaced since:
   * its consumer would stay stopped.
   */
  async function heldBy(key: string, signal: AbortSignal): Promise<readonly string[]> {
    const path = `/plugins?tags=${holdOf(key)}`;
    const answer = await api.must({ method: 'GET', path, signal, what: 'plugins of the key' });
    const data = answer.json?.data;
    if (!Array.isArray(data)) throw refused('plugins of the key: the answer has no list');
    const consumers = data.map((plugin) => (plugin as { consumer?: { id?: unknown } } | null)?.consumer?.id);
    return consumers.filter((id): id is string => typeof id === 'string' && uuid.test(id));
  }

  /** Our plugin; undefined where there is none. */
  async function pluginOf(consumer: string, signal: AbortSignal) {
    const path = `${pathOf(consumer)}/${pluginIdOf(consumer)}`;
    const answer = await api.must({ method: 'GET', path, signal, what: 'plugin of the consumer' }, [404]);
    if (answer.status === 404) return undefined;
    const { tags, enabled } = answer.json ?? {};
    const texts = Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [];
    return { tags: texts, enabled: enabled !== false };
  }

  async function retag(consumer: string, tags: readonly string[], signal: AbortSignal): Promise<void> {
    const path = `${pathOf(consumer)}/${pluginIdOf(consumer)}`;
    await api.must({ method: 'PATCH', path, body: { tags }, signal, what: 'tags of the plugin' });
  }

  async function stop(consumer: string, key: string, signal: AbortSignal): Promise<string> {
    const hold = holdOf(key);
    const found = await pluginOf(consumer, signal);
    if (found?.enabled === false) throw refused("somebody has disabled keywatch's plugin of this consumer");
    if (found?.tags.includes(hold)) return 'the consumer is stopped already, by keywatch';
    if (found !== undefined) {
      await retag(consumer, [...found.tags, hold], signal);
      return 'the consumer is stopped already, by keywatch for another of its keys';
    }
    const body = {
      id: pluginIdOf(consumer),
      name: 'request-termination',
      config: { status_code: 403, message: 'This key is suspended.' },
      enabled: true,
      tags: [MARK, hold],
    };
    const call = { method: 'POST', path: pathOf(consumer), body, signal, what: 'plugin of the consumer' } as const;
    const { status } = await api.must(call, [404, 405, 409]);
    if (status === 404) throw refused('there is no such consumer');
    if (status === 405) throw refused('the Admin API takes no changes: Kong runs without a database');
    if (status === 409) throw refused('the consumer has a plugin request-termination that is not of keywatch');
    return 'the consumer is stopped, with all of its keys';
  }

  async function letGo(consumer: string, key: string, signal: AbortSignal): Promise<string> {
    const found = await pluginOf(consumer, signal);
    if (found === undefined) return 'the consumer is not stopped by keywatch any more';
    const hold = holdOf(key);
    const left = found.tags.filter((tag) => tag !== hold);
    if (left.some((tag) => tag.startsWith(`${MARK}-`))) {
      await retag(consumer, left, signal);
      return 'the consumer stays stopped for another of its keys';
    }
    const path = `${pathOf(consumer)}/${pluginIdOf(consumer)}`;
    await api.must({ method: 'DELETE', path, signal, what: 'removal of the plugin' }, [404]);
    return 'the consumer is let through';
  }

  return vendorEnforcer(
    {
      name: 'kong',
      capabilities: kongCapabilities,
      idFault: (key) => (uuid.test(key) ? undefined : 'the key id is no id of a Kong credential or consumer'),
      suspend: (command, signal) =>
        inTurn(async () => {
          signal.throwIfAborted();
          const consumer = await consumerOf(command, signal);
          if (consumer === undefined) throw refused('there is no such key-auth credential');
          return stop(consumer, command.key, signal);
        }),
      release: (command, signal) =>
        inTurn(async () => {
          signal.throwIfAborted();
          const consumers = await heldBy(command.key, signal);
          let done = 'no consumer is stopped for the key any more';
          for (const consumer of consumers) done = await letGo(consumer, command.key, signal);
          return done;
        }),
      close: () => api.close(),
    },
    place.timeoutMs,
  );
}
