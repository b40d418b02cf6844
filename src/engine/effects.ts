import type { Effects } from './types';

/** The effects of nothing, to be added to. */
export const noEffects = (): Effects => ({
  alerts: [],
  requests: [],
  differences: [],
  events: 0,
  repeated: 0,
  late: 0,
  clockFaults: 0,
});
