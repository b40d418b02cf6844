import type { Clock, Enforcer, EnforcerCapabilities } from '../../ports';
import { DeliveryFailure, refused } from './failure';
import { keySwitch, type SwitchedKey } from './key-switch';
import { openVendorApi, segment, type VendorPlace } from './vendor-api';
import { vendorEnforcer } from './vendor-enforcer';

/** Azure names no bound; a guess. */
const EFFECT_MS = 60_000;

export const azureApimCapabilities: EnforcerCapabilities = {
  actions: ['suspend'],
  reversible: ['suspend'],
  granularity: 'key',
  effectMs: EFFECT_MS,
  keyKinds: ['credential'],
};

/** Version of the Resource Manager API. */
const API_VERSION = '2024-05-01';
/** A token is replaced so long before its end, milliseconds. */
const TOKEN_MARGIN_MS = 300_000;

export interface AzureApimPlace extends VendorPlace {
  /** Of Azure: a UUID. */
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly service: string;
  readonly login: {
    readonly url: string;
    readonly tenant: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
}

/** A bearer token by OAuth's client credentials (Microsoft Entra ID, v2.0); kept until shortly before its end. */
function tokens(place: AzureApimPlace) {
  const { url, tenant, clientId, clientSecret } = place.login;
  const clock: Pick<Clock, 'now'> = place.clock;
  const api = openVendorApi({ ...place, url, setting: `${place.setting}.login` });
  let kept: { readonly value: string; readonly until: number } | undefined;
  return {
    async get(signal: AbortSignal): Promise<string> {
      if (kept !== undefined && clock.now() < kept.until) return kept.value;
      const body = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        scope: `${new URL(place.url).origin}/.default`,
      }).toString();
      const path = `/${segment(tenant)}/oauth2/v2.0/token`;
      const { json } = await api.must({ method: 'POST', path, body, signal, what: 'token' });
      const { access_token: value, expires_in: seconds } = json ?? {};
      if (typeof value !== 'string' || typeof seconds !== 'number') {
        throw new DeliveryFailure('token: the answer has none', false);
      }
      kept = { value, until: clock.now() + seconds * 1_000 - TOKEN_MARGIN_MS };
      return value;
    },
    drop() {
      kept = undefined;
    },
    close: () => api.close(),
  };
}

/**
 * Subscriptions of Azure API Management, each of which has two keys of one owner: `PATCH …/subscriptions/{sid}` of the
 * Resource Manager with `state` `suspended` and `active`, without mail to the subscriber (`notify=false`). `If-Match` has
 * the ETag of the state that was read, so that a change by others in between is not overwritten.
 */
export function createAzureApim(place: AzureApimPlace): Enforcer {
  const api = openVendorApi(place);
  const token = tokens(place);
  const service =
    `/subscriptions/${segment(place.subscription)}/resourceGroups/${segment(place.resourceGroup)}` +
    `/providers/Microsoft.ApiManagement/service/${segment(place.service)}`;

  async function lookUp(sid: string, signal: AbortSignal): Promise<SwitchedKey | undefined> {
    const authorization = `Bearer ${await token.get(signal)}`;
    const path = `${service}/subscriptions/${segment(sid)}`;
    const query = `?api-version=${API_VERSION}`;
    const what = 'look up of the subscription';
    const call = { method: 'GET', path: path + query, headers: { authorization }, signal, what } as const;
    const found = await api.must(call, [401, 404]);
    if (found.status === 404) return undefined;
    if (found.status === 401) {
      token.drop();
      throw new DeliveryFailure(`${what}: HTTP 401`, false);
    }
    const { state } = (found.json?.properties ?? {}) as { readonly state?: unknown };
    if (typeof state !== 'string') throw refused(`${what}: the answer has no state`);
    return {
      state: state === 'active' ? 'on' : state === 'suspended' ? 'off' : 'ended',
      async turn(on) {
        const { status } = await api.must(
          {
            method: 'PATCH',
            path: `${path}${query}&notify=false`,
            headers: { authorization, 'if-match': found.header('etag') ?? '*' },
            body: { properties: { state: on ? 'active' : 'suspended' } },
            signal,
            what: 'update of the subscription',
          },
          [412],
        );
        if (status === 412) throw new DeliveryFailure('the subscription was changed meanwhile: HTTP 412', false);
      },
    };
  }

  return vendorEnforcer(
    {
      name: 'azure-apim',
      capabilities: azureApimCapabilities,
      idFault(key) {
        // The pattern that the API gives for `sid`, less what would lead elsewhere.
        return /^[^*#&+:<>?/\\%\s]{1,256}$/.test(key) && !/^\.+$/.test(key)
          ? undefined
          : 'the key id is no id of a subscription (ApimSubscriptionId)';
      },
      ...keySwitch(lookUp),
      async close() {
        await Promise.all([api.close(), token.close()]);
      },
    },
    place.timeoutMs,
  );
}
