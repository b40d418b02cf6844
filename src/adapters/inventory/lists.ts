import { networkOf } from '../../detect/lists/prefixes';
import type { AddressList } from '../../domain/address-list';
import { type BadRow, readBounded } from './read';

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_NETWORKS = 1_000_000;
const MAX_BAD = 1_000;

/**
 * An address list: one address or CIDR a line; what follows a space, `;` or `#` is a remark. Bad lines are passed over and
 * told of. Throws when the file as a whole cannot be read.
 */
export async function readAddressList(
  path: string,
  { name, rule }: Pick<AddressList, 'name' | 'rule'>,
): Promise<{ readonly list: AddressList; readonly bad: readonly BadRow[] }> {
  const networks = new Set<string>();
  const bad: BadRow[] = [];
  let line = 0;
  for (const text of (await readBounded(path, MAX_BYTES)).split('\n')) {
    line++;
    const [entry] = text.trim().split(/[\s;#]/, 1);
    if (entry === '') continue;
    try {
      networkOf(entry);
      networks.add(entry.toLowerCase());
    } catch (error) {
      if (bad.length < MAX_BAD) bad.push({ line, reason: (error as Error).message });
    }
    if (networks.size > MAX_NETWORKS) throw new Error(`more than ${MAX_NETWORKS} networks`);
  }
  return { list: { name, rule, networks: [...networks].sort() }, bad };
}
