import type { RunReport } from '../../options';
import { reportAccess, reportRisk } from './fleet';
import { reportIncident } from './incident';

/** `keywatch report`: reads the retained input, what is declared and the state directory; writes only the files named. */
export const runReport: RunReport = (options) => {
  if (options.kind === 'incident') return reportIncident(options);
  return options.kind === 'risk' ? reportRisk(options) : reportAccess(options);
};
