import { sealed } from '../../src/adapters/inventory/seal';
import type { KeyFacts } from '../../src/domain/inventory';
import type { LogEntry } from '../../src/engine';

/** An inventory of these rows as an entry of the log. */
export function declaring(...rows: readonly KeyFacts[]): LogEntry {
  return { kind: 'inventory', inventory: sealed(rows) };
}
