import type { UsageEventRecord } from '../../src/domain/event';
import { simulate } from '../../src/simulate/simulate';

const DAYS = 7;
/** Keys that are simulated; the simulator is bounded in keys, and slow with many. */
const SIMULATED_KEYS = 10_000;
/** The simulator draws more or fewer requests than its mean says; what is too much is not taken. */
const RESERVE = 1.5;

/**
 * The first `count` records of a simulated week, in time order, the same ones at every call. Beyond 10,000 keys each
 * simulated key stands for several that take turns. Throws when the simulator makes too few.
 */
export function* traffic(count: number, keys: number): Generator<UsageEventRecord> {
  const simulated = Math.min(keys, SIMULATED_KEYS);
  const copies = Math.ceil(keys / simulated);
  const ratePerKeyDay = (RESERVE * count) / (simulated * DAYS);
  const turns = new Map<string, number>();
  let made = 0;
  for (const { record } of simulate({ seed: 'bench', keys: simulated, days: DAYS, ratePerKeyDay, thefts: 10 })) {
    if (made++ === count) return;
    const turn = ((turns.get(record.key) ?? 0) + 1) % copies;
    turns.set(record.key, turn);
    yield copies === 1 ? record : { ...record, key: `${record.key}-${turn}` };
  }
  if (made < count) throw new Error(`the simulated week has ${made} events, ${count} were asked for`);
}
