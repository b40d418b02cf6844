import { join } from 'node:path';
import type { IncidentListing } from '../../adapters/api/listing';
import { type IncidentFile, openIncidentFile } from '../../adapters/file/incident-file';
import type { Alerts, Tell } from './alerts';
import type { House } from './house';

/** Incidents of all partitions, kept from the documents on their way out. */
export async function openIncidents({ config, log, closing }: House): Promise<IncidentFile> {
  const { most, keep } = config.state.incidents;
  const file = await openIncidentFile(join(config.state.dir, 'incidents.log'), {
    most,
    keepMs: keep,
    onDamaged: (aside) =>
      log.error({ aside }, 'the incident store was damaged and starts anew; see what was put aside'),
  });
  closing.push(() => file.close());
  return file;
}

/** The incidents as the API and links of owners look at them: always those that the file has now. */
export const listingOf = (file: IncidentFile): IncidentListing => ({
  get: (id) => file.incidents.get(id),
  ofKey: (key) => file.incidents.ofKey(key),
  keys: () => file.incidents.keys(),
  list: (filter, most, after) => file.incidents.list(filter, most, after),
  mutesOf: (key, now) => file.incidents.mutesOf(key, now),
});

/** Notes the documents before they go out: told again after a crash, they change nothing. */
export const noting =
  (file: IncidentFile, tell: Tell): Tell =>
  async (documents) => {
    await file.documents(documents);
    await tell(documents);
  };

/** A key that is forgotten leaves the incidents as it leaves what waits for an output. */
export const forgetsToo = (alerts: Alerts, file: IncidentFile): Alerts => ({
  ...alerts,
  forget: [...alerts.forget, (of) => file.forget(of)],
});
