export {
  type BaselineEvent,
  type BaselineRule,
  baselineRules,
  baselines,
  coin,
  network16,
  newValue,
} from './baselines';
export { type FleetWindow, fleetExcess, type WindowExcess } from './fleet';
export { score } from './score';
export * from './types';
