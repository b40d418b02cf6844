import { resolveSecret } from '../adapters/secrets';
import type { Config } from '../config';
import { isAddress } from '../domain/address';
import type { UsageEvent } from '../domain/event';
import { createAddressKeeper } from '../profile/keep-address';
import { withoutAddress } from '../profile/without-address';
import type { Enrich } from './core';

/**
 * Replaces the client address of events by what `privacy.addresses` keeps of it, before anything downstream sees them: state,
 * alerts and requests can hold no more than that. Undefined where addresses are kept whole. Throws where a pepper is needed and cannot be had.
 */
export function concealing({ privacy, ingest }: Pick<Config, 'privacy' | 'ingest'>): Enrich | undefined {
  const { addresses: mode, pepperVersion: version } = privacy;
  if (mode === 'full') return undefined;
  const from = mode === 'truncate' ? undefined : (privacy.pepperFrom ?? ingest.pepperFrom);
  const pepper = from === undefined ? undefined : Buffer.from(resolveSecret(from), 'utf8');
  const keep = createAddressKeeper({ mode, pepper, version });
  return (event, engine) => {
    const { ip } = event;
    // Nothing to conceal, or done already.
    if (!isAddress(ip)) return event;
    const address = engine.judgeAddress(event);
    const kept = keep(ip);
    return Object.assign(event as Writable<UsageEvent>, withoutAddress(event, ip), { ip: kept, address });
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
