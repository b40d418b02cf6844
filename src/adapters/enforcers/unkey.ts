import type { Enforcer, EnforcerCapabilities } from '../../ports';
import { refused } from './failure';
import { keySwitch, type SwitchedKey } from './key-switch';
import { openVendorApi, type VendorPlace } from './vendor-api';
import { vendorEnforcer } from './vendor-enforcer';

export const unkeyCapabilities: EnforcerCapabilities = {
  actions: ['suspend'],
  reversible: ['suspend'],
  granularity: 'key',
  /** Unkey: a change may take up to 30 s to reach all edges. */
  effectMs: 30_000,
  keyKinds: ['credential'],
};

/**
 * Unkey's API v2: `POST /v2/keys.updateKey` with `enabled`, after `POST /v2/keys.getKey` has told whether it is. Nothing
 * but `enabled` is sent, since a list that is sent replaces the one that is there. While disabled, verification answers
 * `DISABLED`. `rootKey` needs the permissions `read_key` and `update_key` of the APIs.
 */
export function createUnkey(place: VendorPlace & { readonly rootKey: string }): Enforcer {
  const api = openVendorApi(place, { authorization: `Bearer ${place.rootKey}` });

  async function lookUp(keyId: string, signal: AbortSignal): Promise<SwitchedKey | undefined> {
    const call = { method: 'POST', path: '/v2/keys.getKey', body: { keyId }, signal, what: 'keys.getKey' } as const;
    const answer = await api.must(call, [404]);
    if (answer.status === 404) return undefined;
    const { enabled } = (answer.json?.data ?? {}) as { readonly enabled?: unknown };
    if (typeof enabled !== 'boolean') throw refused('keys.getKey: the answer does not say whether the key is enabled');
    return {
      state: enabled ? 'on' : 'off',
      async turn(on) {
        const body = { keyId, enabled: on };
        await api.must({ method: 'POST', path: '/v2/keys.updateKey', body, signal, what: 'keys.updateKey' });
      },
    };
  }

  return vendorEnforcer(
    {
      name: 'unkey',
      capabilities: unkeyCapabilities,
      idFault: (key) => (/^[a-zA-Z0-9_]{3,255}$/.test(key) ? undefined : 'the key id is no id of Unkey (key_…)'),
      ...keySwitch(lookUp),
      close: () => api.close(),
    },
    place.timeoutMs,
  );
}
