import type { ActionRequest } from '../domain/action';
import { type AlertDocument, ECS_VERSION } from '../domain/alert';
import type { KeyKind } from '../domain/event';
import { causeId } from './incident';

/** Name of the rule that alerts and requests of leak notices carry. */
export const LEAK_RULE = 'leak-notice';
/** A key in public is known to whoever looked: nothing is estimated. */
const RISK = 100;
const SHOWN = 3;

/** A known key that was found in public. */
export interface Leak {
  readonly key: string;
  readonly keyKind: KeyKind;
  readonly keyName: string;
  readonly tenant: string;
  readonly tier: string;
  /** Who said so: `github` or `generic`. */
  readonly sender: string;
  /** Where; new ones only, sorted. Texts that may be shown. */
  readonly places: readonly string[];
  /** What sets this notice apart from others about the key: the same for a repetition. */
  readonly cause: string;
  /** Wall clock, milliseconds. */
  readonly at: number;
}

/** The incident that a notice belongs to, and its place in it; times in milliseconds. */
export interface LeakIncident {
  readonly id: string;
  readonly sequence: number;
  readonly startedAt: number;
}

/** `event.id` of the document about a notice. */
export const leakAlertId = ({ key, cause }: Pick<Leak, 'key' | 'cause'>): string => causeId('leak', key, cause);

/** The incident that a notice opens where none is open. */
export const leakIncident = (leak: Pick<Leak, 'key' | 'cause' | 'at'>): LeakIncident => ({
  id: causeId('leak-incident', leak.key, leak.cause),
  sequence: 0,
  startedAt: leak.at,
});

/** The alert about a leaked key, or, with a sequence beyond 0, an update of its incident. Ids are derived from key and cause. */
export function tellLeak(
  leak: Leak,
  { id, sequence, startedAt }: LeakIncident,
  action: 'alert' | 'suspend',
  mode: 'dry-run' | 'enforce',
): AlertDocument {
  const { key, keyName, tenant, sender, at } = leak;
  const time = new Date(at).toISOString();
  return {
    '@timestamp': time,
    ecs: { version: ECS_VERSION },
    message: 'API key found in public',
    event: {
      id: leakAlertId(leak),
      kind: sequence === 0 ? 'alert' : 'event',
      category: ['api', 'iam'],
      type: ['info'],
      module: 'keywatch',
      dataset: 'keywatch.alert',
      start: new Date(startedAt).toISOString(),
      end: time,
      risk_score: RISK,
      severity: 99,
      reason: reasonOf(leak),
      sequence,
    },
    user: { id: key, name: keyName },
    ...(tenant === '' ? {} : { organization: { id: tenant } }),
    rule: { name: LEAK_RULE },
    related: { user: [key] },
    keywatch: {
      mode,
      action,
      incident: { id, state: sequence === 0 ? 'open' : 'updated', requests: 0 },
      evidence: [
        {
          detector: 'leaked',
          facet: 'limits',
          kind: 'rule',
          surprise: 0,
          confidence: 1,
          saw: `a notice of ${sender} that the key was found ${placesText(leak.places)}`,
          expected: 'a key that its owner alone has',
          since: time,
          tags: ['T1552', 'API2:2023'],
        },
      ],
      confidence: 1,
    },
  };
}

/** Asks for the key's suspension. Nobody looked at it: the rails, circuit breakers among them, are those of any other request. */
export function leakRequest(leak: Leak, incidentId: string, durationMs: number): ActionRequest {
  const { key, keyKind, keyName, tenant, tier, cause, at } = leak;
  return {
    id: causeId('leak-request', key, cause),
    action: 'suspend',
    key,
    keyKind,
    keyName,
    tenant,
    tier,
    partition: -1,
    decidedAt: at,
    durationMs,
    incidentId,
    alertId: leakAlertId(leak),
    rule: LEAK_RULE,
    risk: RISK,
    reason: reasonOf(leak),
    evidence: [],
  };
}

const reasonOf = ({ key, keyName, sender, places }: Leak): string =>
  `The key ${keyName === '' ? key : keyName} was found ${placesText(places)}, says a notice of ${sender}: take it for known to strangers and replace it.`.slice(
    0,
    1_000,
  );

function placesText(all: readonly string[]): string {
  const places = all.filter((place) => place !== '');
  if (places.length === 0) return 'in public';
  const shown = places.slice(0, SHOWN).map((place) => place.slice(0, 200));
  const more = places.length - shown.length;
  return `at ${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}
