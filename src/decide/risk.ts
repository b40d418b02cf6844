import type { Severity } from '../domain/alert';

/**
 * Risk 0–100 of a surprise s: 100·(1 − 10^(−s/5)). 60 is one benign key-day in a hundred, 75 one in a thousand, 84 one in
 * ten thousand, 90 one in a hundred thousand. Rounded to one decimal.
 */
export function riskOf(surprise: number): number {
  return Math.round(1000 * (1 - 10 ** (-surprise / 5))) / 10;
}

/** A broken rule says nothing of chance; people hear of it as they do of one benign key-day in a hundred. */
const RULE_RISK = 60;

export function riskFrom(surprise: number, rule: boolean): number {
  return Math.max(riskOf(surprise), rule ? RULE_RISK : 0);
}

/** The inverse, for words such as "about 1 in 2,000 key-days". */
export function surpriseOf(risk: number): number {
  return -5 * Math.log10(1 - Math.min(99.99, Math.max(0, risk)) / 100);
}

export function severityOf(risk: number): Severity {
  if (risk >= 90) return 99;
  if (risk >= 75) return 73;
  if (risk >= 60) return 47;
  return 21;
}
