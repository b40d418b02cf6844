import { readFile } from 'node:fs/promises';
import { type IncidentLimits, type IncidentNote, Incidents } from '../../enforce/incidents';
import { decodeLine } from './append-log';
import { isMissing } from './durable';

/**
 * The incidents of a file that another process may be writing, without its lock and without changing it: what is whole so
 * far; a damaged line is passed over. None where there is no file.
 */
export async function peekIncidents(path: string, limits: IncidentLimits): Promise<Incidents> {
  const data = await readFile(path).catch((error) => {
    if (isMissing(error)) return Buffer.alloc(0);
    throw error;
  });
  const incidents = new Incidents(limits);
  for (let from = 0, end = data.indexOf(10); end >= 0; from = end + 1, end = data.indexOf(10, from)) {
    const text = decodeLine(data.subarray(from, end));
    if (text !== undefined) incidents.note(JSON.parse(text) as IncidentNote);
  }
  return incidents;
}
