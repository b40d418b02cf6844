import { join } from 'node:path';
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
