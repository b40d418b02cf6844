import type { KeyKind } from '../domain/event';
import type { Evidence } from '../domain/evidence';
import type { Subject } from './incident';

/** One event with the evidence against it. */
export interface Suspicion {
  readonly key: string;
  readonly keyKind: KeyKind;
  readonly keyName: string;
  readonly tenant: string;
  /** As declared of the key; undefined: by the policy's patterns. */
  readonly tier?: string | undefined;
  readonly actor: number;
  readonly ip: string;
  readonly country: string;
  readonly userAgent: string;
  /** Event time, milliseconds. */
  readonly ts: number;
  readonly row: number;
  readonly evidence: readonly Evidence[];
}

export function subjectOf({ key, keyKind, keyName, tenant }: Suspicion): Omit<Subject, 'actor' | 'tier'> {
  return { key, keyKind, keyName, tenant };
}
