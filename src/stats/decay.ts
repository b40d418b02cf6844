/** What is left of a quantity after `elapsed`, when half of it is forgotten every `halfLife` (same unit). */
export function decayFactor(elapsed: number, halfLife: number): number {
  return elapsed <= 0 ? 1 : 2 ** (-elapsed / halfLife);
}
