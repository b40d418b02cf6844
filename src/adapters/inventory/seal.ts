import { createHash } from 'node:crypto';
import type { AddressList } from '../../domain/address-list';
import { type Inventory, inventoryOf, type KeyFacts } from '../../domain/inventory';

/** What is declared, named by its digest; the order in which it came does not matter. */
export function sealed(rows: readonly KeyFacts[], lists: readonly AddressList[] = []): Inventory {
  const byKey = [...rows].sort((a, b) => (a.key < b.key ? -1 : 1));
  const byName = [...lists].sort((a, b) => (a.name < b.name ? -1 : 1));
  const hash = createHash('sha256');
  for (const line of linesOf(byKey, byName)) hash.update(line);
  return inventoryOf(byKey, byName, hash.digest('hex'));
}

/** An inventory as NDJSON: a list has a `name`, `rule` and `networks`, a key its facts. */
export function* linesOf(rows: readonly KeyFacts[], lists: readonly AddressList[]): Iterable<string> {
  for (const list of lists) yield `${JSON.stringify({ list })}\n`;
  for (const key of rows) yield `${JSON.stringify({ key })}\n`;
}

/** The inverse. Throws on a text that is none of ours. */
export function fromLines(text: string): Inventory {
  const rows: KeyFacts[] = [];
  const lists: AddressList[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const { list, key } = JSON.parse(line) as { list?: AddressList; key?: KeyFacts };
    if (list !== undefined) lists.push(list);
    else if (key !== undefined) rows.push(key);
    else throw new Error('a line is neither a key nor a list');
  }
  return sealed(rows, lists);
}
