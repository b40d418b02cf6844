import { createHash } from 'node:crypto';
import type { State, StateLimits } from '../state';
import type { ColumnSpec } from '../stats/columns';
import { freezeState } from './freeze';
import { type Restored, thawState } from './thaw';

export { freezeState } from './freeze';
export { type Restored, thawState } from './thaw';

/** Takes all steps at once. */
export function atOnce<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The whole state as bytes, format 2 (blocks.ts): equal states give equal bytes. */
export function encodeState(state: State): Uint8Array {
  return Buffer.concat(atOnce(freezeState(state)));
}

/** Throws with a clear message when the bytes are no state of a format known here. */
export function decodeState(bytes: Uint8Array, specs: readonly ColumnSpec[], limits: StateLimits): Restored {
  return atOnce(thawState(bytes, specs, limits));
}

/** SHA-256 over the encoded state: equal digests mean equal states. */
export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
