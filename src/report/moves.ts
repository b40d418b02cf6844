import type { Inventory } from '../domain/inventory';
import type { Case, CaseClient } from './case';

/**
 * Where a client stands on its way from the key to its successor. `still-uses`: with the old key alone; `moving`: with both;
 * `moved`: with the new one, and not with the old one for a day or since it first used the new one; `not-seen`: with neither.
 */
export type Move = 'still-uses' | 'moving' | 'moved' | 'not-seen';

const DAY = 86_400_000;

/** Of a client that is no suspect, once the key's use should have ended; `until` is where the log ends, milliseconds. */
export function moveOf(
  { after, successor, last }: Pick<CaseClient, 'after' | 'successor' | 'last'>,
  until: number,
): Move {
  if (successor.requests > 0) return last <= successor.first || until - last >= DAY ? 'moved' : 'moving';
  return after > 0 ? 'still-uses' : 'not-seen';
}

/** The clients that the owner has yet to update. */
export function clientsLeft({ clients, until }: Case): readonly CaseClient[] {
  return clients.filter((client) => {
    const move =
      client.suspect || (client.after === 0 && client.successor.requests === 0) ? 'not-seen' : moveOf(client, until);
    return move === 'still-uses' || move === 'moving';
  });
}

const MOST_SUCCESSORS = 16;

/** The ids of a key (its own, the hash of its secret), and of the keys that replace it, one after the other. */
export function lineOf(
  key: string,
  inventory: Inventory,
): { readonly key: Set<string>; readonly successors: Set<string> } {
  const idsOf = (id: string): string[] => {
    const row = inventory.of(id);
    return [id, row?.key, row?.secretHash].filter((one) => one !== undefined);
  };
  const own = new Set(idsOf(key));
  const successors = new Set<string>();
  let old = own;
  for (let i = 0; i < MOST_SUCCESSORS && old.size > 0; i++) {
    const next = new Set<string>();
    for (const { key: id, predecessor } of inventory.rows) {
      if (predecessor === undefined || !old.has(predecessor) || own.has(id) || successors.has(id)) continue;
      for (const one of idsOf(id)) next.add(one);
    }
    for (const one of next) successors.add(one);
    old = next;
  }
  return { key: own, successors };
}
