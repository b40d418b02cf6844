import type { Acted, ActedOut } from './act-out';

/** What two policies would have done to one key over the same past. */
export interface KeyComparison {
  readonly key: string;
  readonly keyName: string;
  readonly tenant: string;
  readonly present: readonly Acted[];
  readonly proposed: readonly Acted[];
}

export interface PolicyTotals {
  readonly keys: number;
  readonly actions: number;
  /** Milliseconds over all keys; an action without an end counts to the end of the log. */
  readonly duration: number;
  /** Requests that a rail held, by rail, most first. */
  readonly held: readonly (readonly [rail: string, count: number])[];
  readonly opened: number;
}

export interface PolicyComparison {
  /** Keys on which the two differ come first, by the first action; then those on which they do the same. */
  readonly keys: readonly KeyComparison[];
  readonly present: PolicyTotals;
  readonly proposed: PolicyTotals;
}

const same = (a: readonly Acted[], b: readonly Acted[]): boolean =>
  a.length === b.length &&
  a.every(({ action, from, until }, i) => action === b[i].action && from === b[i].from && until === b[i].until);

export const differs = ({ present, proposed }: KeyComparison): boolean => !same(present, proposed);

function totalsOf({ acted, held, opened }: ActedOut, end: number): PolicyTotals {
  const counts = new Map<string, number>();
  for (const { rail } of held) counts.set(rail, (counts.get(rail) ?? 0) + 1);
  return {
    keys: new Set(acted.map(({ request }) => request.key)).size,
    actions: acted.length,
    duration: acted.reduce((sum, { from, until }) => sum + Math.max(0, (until ?? end) - from), 0),
    held: [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)),
    opened,
  };
}

/** Sets side by side what the present and a proposed policy would have done. `end`: last event time of the log. */
export function comparePolicies(present: ActedOut, proposed: ActedOut, end: number): PolicyComparison {
  const keys = new Map<string, { present: Acted[]; proposed: Acted[] }>();
  const sort = (side: 'present' | 'proposed', acted: readonly Acted[]) => {
    for (const one of acted) {
      const found = keys.get(one.request.key) ?? { present: [], proposed: [] };
      found[side].push(one);
      keys.set(one.request.key, found);
    }
  };
  sort('present', present.acted);
  sort('proposed', proposed.acted);
  const compared = [...keys].map(([key, of]): KeyComparison => {
    const { keyName, tenant } = (of.present[0] ?? of.proposed[0]).request;
    return { key, keyName, tenant, ...of };
  });
  const first = ({ present: a, proposed: b }: KeyComparison) =>
    Math.min(a[0]?.from ?? Infinity, b[0]?.from ?? Infinity);
  compared.sort((a, b) => Number(differs(b)) - Number(differs(a)) || first(a) - first(b));
  return { keys: compared, present: totalsOf(present, end), proposed: totalsOf(proposed, end) };
}
