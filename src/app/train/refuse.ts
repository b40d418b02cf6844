import { FEATURES } from '../../detect/model/features';
import { OperatorError } from '../../options';
import type { Collected } from './collect';
import type { Parts } from './fit';

/** Least of what a model can be made of. */
const LEAST = { keys: 20, keyDays: 200, train: 200, validation: 20 } as const;
/** Share of the looks that may lie about alerts, and of the records that may be unreadable. */
const MOST_DIRTY = 0.75;
const MOST_REJECTED = 0.2;

/** Throws OperatorError with everything that the data lacks. */
export function refuseUnfit(collected: Collected, parts: Parts, counts: { lines: number; rejected: number }): void {
  const { keys, keyDays, looks, dirty } = collected;
  const reasons: string[] = [];
  const need = (what: string, have: number, least: number) => {
    if (have < least) reasons.push(`${what}: ${have.toLocaleString('en-US')}, at least ${least} are needed`);
  };
  if (counts.rejected > MOST_REJECTED * counts.lines)
    reasons.push(`${counts.rejected} of ${counts.lines} records could not be read`);
  if (dirty > MOST_DIRTY * looks)
    reasons.push(`${dirty} of ${looks} windows lie about alerts: look into those first, or train on another time`);
  need('keys', keys.length, LEAST.keys);
  need('days of settled keys', keyDays, LEAST.keyDays);
  need('clean windows to train on', parts.train.length / FEATURES, LEAST.train);
  need('clean windows to stop by', parts.validation.length / FEATURES, LEAST.validation);
  if (reasons.length > 0) throw new OperatorError(`no model can be trained on this log: ${reasons.join('; ')}`);
}
