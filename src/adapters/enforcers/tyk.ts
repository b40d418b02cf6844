import type { Enforcer, EnforcerCapabilities } from '../../ports';
import { refused } from './failure';
import { keySwitch, type SwitchedKey } from './key-switch';
import { openVendorApi, segment, type VendorPlace } from './vendor-api';
import { vendorEnforcer } from './vendor-enforcer';

export const tykCapabilities: EnforcerCapabilities = {
  actions: ['suspend'],
  reversible: ['suspend'],
  granularity: 'key',
  /** Gateways keep sessions for `local_session_cache.cached_session_timeout` (10 s) and look for old ones every 5 s. */
  effectMs: 15_000,
  /** Tyk's own hash is an id to keywatch (`ingest.keyIs: id`); keywatch's hash of a key is nothing to Tyk. */
  keyKinds: ['credential'],
};

/** Whether a number came that is not the one that was sent: a session is written back as it was read. */
function isRounded(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(isRounded);
}

/**
 * Tyk's Gateway API: `GET /tyk/keys/{hash}?hashed=true`, then `PUT` of the whole session with `is_inactive`
 * (`suppress_reset=1`, or quotas would begin anew). Tyk has no way to change one field: what others write to the session
 * between the two calls is lost. Sessions of basic authentication are refused, since Tyk answers them without their
 * password hash and would take its absence for a new password.
 */
export function createTyk(place: VendorPlace & { readonly secret: string }): Enforcer {
  const api = openVendorApi(place, { 'x-tyk-authorization': place.secret });

  async function lookUp(hash: string, signal: AbortSignal): Promise<SwitchedKey | undefined> {
    const path = `/tyk/keys/${segment(hash)}?hashed=true`;
    const answer = await api.must({ method: 'GET', path, signal, what: 'look up of the key' }, [400, 404]);
    if (answer.status === 400) throw refused('Tyk does not hash keys (hash_keys), or this is none of its hashes');
    if (answer.status === 404) return undefined;
    const session = answer.json;
    if (session === undefined || typeof session.org_id !== 'string') {
      throw refused('look up of the key: the answer is no session');
    }
    const basic = session.basic_auth_data as { readonly hash_type?: unknown } | null | undefined;
    if (typeof basic?.hash_type === 'string' && basic.hash_type !== '') {
      throw refused('the key is of basic authentication, which cannot be written back unharmed');
    }
    if (isRounded(session)) throw refused('the session has numbers that cannot be written back unharmed');
    return {
      state: session.is_inactive === true ? 'off' : 'on',
      async turn(on) {
        const body = { ...session, is_inactive: !on };
        const update = `${path}&suppress_reset=1`;
        await api.must({ method: 'PUT', path: update, body, signal, what: 'update of the key' });
      },
    };
  }

  return vendorEnforcer(
    {
      name: 'tyk',
      capabilities: tykCapabilities,
      // murmur32, murmur64, murmur128 and sha256 of Tyk, in hexadecimal.
      idFault: (key) =>
        /^([0-9a-f]{8}|[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{64})$/.test(key)
          ? undefined
          : 'the key id is no hash of Tyk: hash_keys must be on, and ingest.keyIs must be id',
      ...keySwitch(lookUp),
      close: () => api.close(),
    },
    place.timeoutMs,
  );
}
