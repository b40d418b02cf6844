import type { IncidentBook } from '../decide/book';
import type { State } from '../state';
import type { Acts } from './acts';
import type { Declarations } from './declarations';
import type { Learning } from './learning';
import type { Mutes } from './mutes';
import type { Rows } from './rows';

/** The parts of a partition's state that commands change. */
export interface Memory {
  readonly state: Pick<State, 'gate' | 'policies'>;
  readonly rows: Pick<Rows, 'forget'>;
  readonly book: Pick<IncidentBook, 'forget' | 'govern' | 'import' | 'mention' | 'outcome'>;
  readonly learning: Learning;
  readonly declarations: Declarations;
  readonly mutes: Mutes;
  readonly acts: Acts;
}

/**
 * Removes a key from the state: its row, incidents, what was declared of it, events of it that wait for their time. What the
 * fleet as a whole learned from it stays, and hashes of what it was seen with stay among the facts until they are pushed
 * out; nothing leads to them any more. A key that is used again begins anew.
 */
export function forgetKey(key: string, { state, rows, book, declarations, mutes, acts }: Memory): void {
  rows.forget(key);
  book.forget(key);
  declarations.forget(key);
  mutes.forget(key);
  acts.forget(key);
  const { gate } = state;
  gate.waiting = gate.waiting.filter(({ event }) => event.key !== key);
  for (const seen of gate.recent) if (seen.key === key) seen.key = '';
}
