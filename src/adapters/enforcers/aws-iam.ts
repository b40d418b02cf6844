import type { IAMClient } from '@aws-sdk/client-iam';
import type { Enforcer, EnforcerCapabilities } from '../../ports';
import { type AwsPlace, awsFailure, awsSettings, isNotFound } from './aws';
import { refused } from './failure';
import { keySwitch, type SwitchedKey } from './key-switch';
import { vendorEnforcer } from './vendor-enforcer';

/** IAM is eventually consistent and names no bound for it; a guess. */
const EFFECT_MS = 60_000;

export const awsIamCapabilities: EnforcerCapabilities = {
  actions: ['suspend'],
  reversible: ['suspend'],
  granularity: 'key',
  effectMs: EFFECT_MS,
  keyKinds: ['credential'],
};

type Sdk = typeof import('@aws-sdk/client-iam');

/** A user has two keys at most (quota of IAM), so one page holds them all. */
const MAX_KEYS = 100;

/**
 * AWS IAM access keys: `UpdateAccessKey` with `Status` Inactive and Active (API version 2010-05-08). Whose key it is, is
 * asked of IAM (`GetAccessKeyLastUsed`), not taken from the log; whether it is active, too (`ListAccessKeys`). Temporary
 * keys (`ASIA…`) cannot be made inactive and are refused. The SDK is loaded at the first call.
 */
export function createAwsIam(place: AwsPlace): Enforcer {
  const settings = awsSettings(place);
  let opened: Promise<{ readonly sdk: Sdk; readonly client: IAMClient }> | undefined;
  const open = () => {
    opened ??= import('@aws-sdk/client-iam').then((sdk) => ({ sdk, client: new sdk.IAMClient(settings) }));
    return opened;
  };

  /** Undefined where AWS knows no such thing. */
  async function known<T>(what: string, call: Promise<T>): Promise<T | undefined> {
    try {
      return await call;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw awsFailure(what, error, place.clock.now());
    }
  }

  async function lookUp(AccessKeyId: string, abortSignal: AbortSignal): Promise<SwitchedKey | undefined> {
    const { sdk, client } = await open();
    // Without its own key keywatch could not even take that suspension back.
    const own = await client.config.credentials();
    if (own.accessKeyId === AccessKeyId) throw refused("it is keywatch's own access key");
    const owner = await known(
      'look up of the owner',
      client.send(new sdk.GetAccessKeyLastUsedCommand({ AccessKeyId }), { abortSignal }),
    );
    if (owner === undefined) return undefined;
    const { UserName } = owner;
    if (UserName === undefined || UserName === '') throw refused('the access key belongs to no IAM user');
    const list = await known(
      'list of access keys',
      client.send(new sdk.ListAccessKeysCommand({ UserName, MaxItems: MAX_KEYS }), { abortSignal }),
    );
    const found = list?.AccessKeyMetadata?.find((each) => each.AccessKeyId === AccessKeyId);
    if (found === undefined) return undefined;
    const state = found.Status === 'Active' ? 'on' : found.Status === 'Inactive' ? 'off' : 'ended';
    return {
      state,
      async turn(on) {
        const Status = on ? 'Active' : 'Inactive';
        const update = new sdk.UpdateAccessKeyCommand({ AccessKeyId, UserName, Status });
        await client.send(update, { abortSignal }).catch((error: unknown) => {
          throw awsFailure('UpdateAccessKey', error, place.clock.now());
        });
      },
    };
  }

  return vendorEnforcer(
    {
      name: 'aws-iam',
      capabilities: awsIamCapabilities,
      idFault(key) {
        if (key.startsWith('ASIA')) return 'temporary credentials (ASIA…) cannot be made inactive';
        return /^AKIA[A-Z0-9]{12,124}$/.test(key) ? undefined : 'the key id is no AWS access key id (AKIA…)';
      },
      ...keySwitch(lookUp),
      async close() {
        if (opened !== undefined) (await opened).client.destroy();
      },
    },
    place.timeoutMs,
  );
}
