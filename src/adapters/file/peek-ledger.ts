import { readFile } from 'node:fs/promises';
import type { Outcome } from '../../domain/action';
import { decodeLine } from './append-log';
import { isMissing } from './durable';

/** The outcomes of a ledger that another process may be writing: what is whole so far. None where there is no file. */
export async function peekLedger(path: string): Promise<readonly Outcome[]> {
  const data = await readFile(path).catch((error) => {
    if (isMissing(error)) return Buffer.alloc(0);
    throw error;
  });
  const outcomes: Outcome[] = [];
  for (let from = 0, end = data.indexOf(10); end >= 0; from = end + 1, end = data.indexOf(10, from)) {
    const text = decodeLine(data.subarray(from, end));
    if (text !== undefined) outcomes.push(JSON.parse(text) as Outcome);
  }
  return outcomes;
}
