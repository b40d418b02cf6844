/** Reading of loosely typed log fields: numbers as texts, `-` and '' for nothing, arrays where one value was meant. */

/** Text of a field; '' when absent, `-`, or not a text. Of a list the first text counts (repeated headers). */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value === '-' ? '' : value;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  if (Array.isArray(value)) return typeof value[0] === 'string' ? textOf(value[0]) : '';
  return '';
}

/** Non-negative number of a field, also from a text; undefined when absent, `-`, negative or not a number. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 0 && value < Number.POSITIVE_INFINITY ? value : undefined;
  if (typeof value !== 'string' || !/^\d{1,15}(\.\d{1,9})?$/.test(value)) return undefined;
  return Number(value);
}

/** HTTP status; 0 when unknown. */
export function statusOf(value: unknown): number {
  const status = numberOf(value);
  return status !== undefined && Number.isInteger(status) && status <= 999 ? status : 0;
}

/** First field of `names` that holds something; '' when none does. Only own fields of parsed JSON are ever present. */
export function firstText(record: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  for (const name of names) {
    const text = textOf(record[name]);
    if (text !== '') return text;
  }
  return '';
}

export function firstNumber(record: Readonly<Record<string, unknown>>, names: readonly string[]): number | undefined {
  for (const name of names) {
    const number = numberOf(record[name]);
    if (number !== undefined) return number;
  }
  return undefined;
}
