import type { Telemetry } from '../ports';

const nothing = (): void => undefined;

/** Counts nothing: for replay, the demo and tests. */
export const createNoTelemetry = (): Telemetry => ({
  records: nothing,
  events: nothing,
  noKey: nothing,
  rejected: nothing,
  late: nothing,
  clockFaults: nothing,
  gap: nothing,
  watermark: nothing,
  lag: nothing,
  state: nothing,
  mature: nothing,
  learning: nothing,
  revoked: nothing,
  alert: nothing,
  request: nothing,
  difference: nothing,
  outcome: nothing,
  breakerOpen: nothing,
  suspended: nothing,
  slice: nothing,
  checkpoint: nothing,
  checkpointed: nothing,
  delivery: nothing,
  outbox: nothing,
  inventory: nothing,
  undeclared: nothing,
  deadLetters: nothing,
  model: nothing,
  modelLook: nothing,
  canary: nothing,
});
