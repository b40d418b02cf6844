/** What the process ends with; 130 and 143 come from signals (interrupted.ts). */
export const exitCodes = { ok: 0, fault: 1, configuration: 2, usage: 64 } as const;
