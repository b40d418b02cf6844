import { isAddress, shownAddress } from '../domain/address';
import { type AlertDocument, ECS_VERSION } from '../domain/alert';
import type { Guessing } from '../domain/guessing';
import { relatedAddresses, sourceHash } from './addresses';
import { causeId } from './incident';
import { defaultTags, type TagSettings, threatOf } from './tags';

/**
 * The notice that keys are being tried from one network: no alert, names no key. The id is derived from partition, network
 * and the begin of the hour.
 */
export function tellGuessing(
  { network, ip, country, keys, from, until }: Guessing,
  partition: number,
  mode: 'dry-run' | 'enforce',
  tags: TagSettings = defaultTags,
): AlertDocument {
  const threat = threatOf([{ detector: 'stuffing', facet: 'actor' }], tags);
  const minutes = Math.max(1, Math.round((until - from) / 60_000));
  return {
    '@timestamp': new Date(until).toISOString(),
    ecs: { version: ECS_VERSION },
    message: 'Many keys refused from one network',
    event: {
      id: causeId('guessing', partition, shownAddress(ip) === '' ? ip : network, from),
      kind: 'event',
      category: ['api', 'intrusion_detection'],
      type: ['denied'],
      action: 'keys-guessed',
      outcome: 'failure',
      module: 'keywatch',
      dataset: 'keywatch.alert',
      start: new Date(from).toISOString(),
      end: new Date(until).toISOString(),
      risk_score: 0,
      severity: 47,
      reason: `About ${Math.round(keys)} different keys that are unknown, or not used from there, were refused from ${network} within ${minutes} minutes.`,
      sequence: 0,
    },
    source: {
      ...(isAddress(ip) ? { ip } : {}),
      ...(country.length === 2 ? { geo: { country_iso_code: country } } : {}),
    },
    ...(threat === undefined ? {} : { threat }),
    related: relatedAddresses([ip]),
    keywatch: { mode, action: 'observe', evidence: [], ...sourceHash([ip]) },
  };
}
