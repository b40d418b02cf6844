import type { ClockReading } from './clock';
import type { Finding } from './finding';

/** Findings of one system, and what they told of the time. */
export interface Examined {
  readonly findings: readonly Finding[];
  readonly clocks: readonly ClockReading[];
}
