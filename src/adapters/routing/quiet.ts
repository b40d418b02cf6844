import type { AlertDocument } from '../../domain/alert';
import type { AlertSink } from '../../ports';

/** What is kept to be searched and would only interrupt people: heads of the audit log, and a canary that was caught. */
const isForTheRecord = ({ event, keywatch }: AlertDocument): boolean =>
  event.action === 'audit-head' || (keywatch.canary === true && event.severity === 21);

/** The sink of a notification: what is for the record does not get there. */
export function withoutRecordsOnly(sink: AlertSink): AlertSink {
  return {
    name: sink.name,
    async write(documents) {
      const rest = documents.filter((document) => !isForTheRecord(document));
      if (rest.length > 0) await sink.write(rest);
    },
    close: () => sink.close(),
  };
}
