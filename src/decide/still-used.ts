import type { AlertDocument } from '../domain/alert';
import type { ClientUse } from '../domain/use';

/** `keywatch.still_used_by`: whoever asked most comes first. `actor` is the incident's, 0 where it is about the key as a whole. */
export function stillUsedBy(
  uses: readonly ClientUse[],
  actor: number,
): Pick<AlertDocument['keywatch'], 'still_used_by'> {
  if (uses.length === 0) return {};
  const order = (a: ClientUse, b: ClientUse) => b.requests - a.requests || b.last - a.last || a.actor - b.actor;
  return {
    still_used_by: [...uses].sort(order).map((use) => ({
      network: use.network,
      client: use.client,
      requests: use.requests,
      last: new Date(use.last).toISOString(),
      ...(use.actor === actor ? { suspect: true as const } : {}),
    })),
  };
}
