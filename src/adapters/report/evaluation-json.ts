import type { Baseline, EvaluationPage } from './evaluation';

/**
 * The whole evaluation as JSON: times are milliseconds since 1970 UTC, shares 0–1, rates per 1,000 key-days. A threshold
 * that no alert reaches is null. Texts of the log stand as they are in the log.
 */
export function evaluationJson(page: EvaluationPage): string {
  const { pooled, controls } = page;
  const value = {
    ...page,
    pooled: pooled && { ...pooled, baselines: pooled.baselines.map(shortened) },
    controls: controls.map((control) => ({ ...control, baselines: control.baselines.map(shortened) })),
  };
  return `${JSON.stringify(value, (_, v) => (v === Number.POSITIVE_INFINITY ? null : v), 1)}\n`;
}

/** Of the rules beside, the false alerts one by one are of no use, and a coin has tens of thousands of points. */
function shortened({ name, report }: Baseline) {
  const { keyDays, recall, byKind, falseRate, budgets } = report;
  return { name, keyDays, recall, byKind, falseRate, budgets };
}
