/** Figures of repeated rounds, and tables of them. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `4.21 [4.10..4.60]`: the median and the extremes. */
export function spread(values: readonly number[], digits: number): string {
  const text = (value: number) => value.toFixed(digits);
  return `${text(median(values))} [${text(Math.min(...values))}..${text(Math.max(...values))}]`;
}

/** `152k [148..155]`. */
export function thousands(values: readonly number[]): string {
  const text = (value: number) => (value / 1000).toFixed(0);
  return `${text(median(values))}k [${text(Math.min(...values))}..${text(Math.max(...values))}]`;
}

/** A table in Markdown, so that it can be copied into a page as it is. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}

/** A positive whole number given for `--name`. Throws a RangeError that names the option. */
export function wholeNumber(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new RangeError(`--${name}: expected a whole number from 1 to ${most.toLocaleString('en-US')}`);
  return value;
}
