import type { Observation } from '../domain/observation';

/** One step of nearness, from the finest to the coarsest: an address, its network, its country; an agent, its product. */
export interface Step {
  /** Level of the shared fact table. */
  readonly level: number;
  /** The observation's value at this level; 0 when unknown: then the step is skipped and makes nothing odder. */
  value(o: Observation): number;
}
