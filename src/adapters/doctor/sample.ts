import type { Ingest } from '../../ingest/ingest';
import { type Finding, failed, ok, warning } from './finding';

/** Records looked at to see what a log holds. */
export const SAMPLE_RECORDS = 50;

/** Whether records are of the configured format; says counts and reasons, never what a record holds. */
export const recordsFinding = (check: string, ingest: Ingest, records: readonly Buffer[]): Finding => {
  if (records.length === 0) {
    return warning(check, 'no record to look at', 'see that the gateway writes here; then run doctor again');
  }
  const keys = new Set<string>();
  const reasons = new Map<string, number>();
  let events = 0;
  let noKey = 0;
  let rejections = 0;
  for (const result of records.flatMap((record) => ingest.ingest(record))) {
    if (result.kind === 'no-key') noKey += 1;
    if (result.kind === 'event') {
      events += 1;
      keys.add(result.event.key);
    }
    if (result.kind === 'rejected') {
      rejections += 1;
      const reason = `${result.rejection.reason}: ${result.rejection.detail}`;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  const [worst] = [...reasons].sort((a, b) => b[1] - a[1]);
  const seen = `${records.length} records: ${events} requests of ${keys.size} keys, ${noKey} without a key`;
  const how = `format ${ingest.format()}, ${ingest.formatReason()}`;
  if (worst !== undefined) {
    const saw = `${seen}, ${rejections} not read (most: ${worst[0]}); ${how}`;
    const todo = 'set ingest.format, ingest.keyField or ingest.pepperFrom as docs/formats.md says for the gateway';
    return events === 0 ? failed(check, saw, todo) : warning(check, saw, todo);
  }
  if (events === 0) {
    return warning(check, `${seen}; ${how}`, 'set ingest.keyField to where the log has the key, if these had one');
  }
  return ok(check, `${seen}; ${how}`);
};
