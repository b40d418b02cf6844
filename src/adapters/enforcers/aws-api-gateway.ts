import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { Enforcer, EnforcerCapabilities } from '../../ports';
import { type AwsPlace, awsFailure, awsSettings, isNotFound } from './aws';
import { keySwitch, type SwitchedKey } from './key-switch';
import { vendorEnforcer } from './vendor-enforcer';

/** AWS names no bound; a guess. */
const EFFECT_MS = 60_000;

export const awsApiGatewayCapabilities: EnforcerCapabilities = {
  actions: ['suspend'],
  reversible: ['suspend'],
  granularity: 'key',
  effectMs: EFFECT_MS,
  keyKinds: ['credential'],
};

type Sdk = typeof import('@aws-sdk/client-api-gateway');

/**
 * Keys of Amazon API Gateway (REST APIs with usage plans): `PATCH /apikeys/{id}` that replaces `/enabled`, after
 * `GET /apikeys/{id}` without the value has told whether it is. The SDK is loaded at the first call.
 */
export function createAwsApiGateway(place: AwsPlace): Enforcer {
  const settings = awsSettings(place);
  let opened: Promise<{ readonly sdk: Sdk; readonly client: APIGatewayClient }> | undefined;
  const open = () => {
    opened ??= import('@aws-sdk/client-api-gateway').then((sdk) => ({
      sdk,
      client: new sdk.APIGatewayClient(settings),
    }));
    return opened;
  };

  async function lookUp(apiKey: string, abortSignal: AbortSignal): Promise<SwitchedKey | undefined> {
    const { sdk, client } = await open();
    const found = await client
      .send(new sdk.GetApiKeyCommand({ apiKey, includeValue: false }), { abortSignal })
      .catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw awsFailure('look up of the key', error, place.clock.now());
      });
    if (found === undefined) return undefined;
    return {
      state: found.enabled === true ? 'on' : 'off',
      async turn(on) {
        const patchOperations = [{ op: 'replace' as const, path: '/enabled', value: String(on) }];
        const update = new sdk.UpdateApiKeyCommand({ apiKey, patchOperations });
        await client.send(update, { abortSignal }).catch((error: unknown) => {
          throw awsFailure('UpdateApiKey', error, place.clock.now());
        });
      },
    };
  }

  return vendorEnforcer(
    {
      name: 'aws-api-gateway',
      capabilities: awsApiGatewayCapabilities,
      idFault: (key) => (/^[a-z0-9]{6,64}$/.test(key) ? undefined : 'the key id is no id of API Gateway (apiKeyId)'),
      ...keySwitch(lookUp),
      async close() {
        if (opened !== undefined) (await opened).client.destroy();
      },
    },
    place.timeoutMs,
  );
}
