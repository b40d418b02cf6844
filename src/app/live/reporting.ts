import type { Enforcement } from '../../adapters/enforcement';
import type { Clock } from '../../ports';
import type { Runtime } from '../../runtime';

/** Between two counts of a partition's keys by tenant, which look at all of its keys. */
const COUNT_EVERY_MS = 60_000;

interface Counted {
  readonly at: number;
  readonly tenants: ReadonlyMap<string, number>;
}

/** Tells Enforce how many keys are active, of all and of each tenant, for the shares of its breakers. */
export function createReports(clock: Pick<Clock, 'now'>, { noteActive }: Pick<Enforcement, 'noteActive'>) {
  const counted = new Map<number, Counted>();
  return (runtime: Pick<Runtime, 'activeKeys'>): void => {
    const now = clock.now();
    const present = runtime.activeKeys();
    for (const id of counted.keys()) if (!present.some(({ partition }) => partition === id)) counted.delete(id);
    for (const { partition, keys, tenants } of present) {
      const last = counted.get(partition);
      const due = last === undefined || now < last.at || now - last.at >= COUNT_EVERY_MS;
      const count = due ? { at: now, tenants: tenants() } : last;
      counted.set(partition, count);
      noteActive(partition, keys, count.tenants);
    }
  };
}
