/** One sample of the Prometheus text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Samples of a page in the Prometheus text format (version 0.0.4); lines that are none are left out.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export const samplesOf = (page: string): readonly Sample[] => {
  const found: Sample[] = [];
  for (const line of page.split('\n')) {
    const [, name, labels = '', text] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    if (name === undefined || text === undefined) continue;
    const value = Number(text.replace(/^([+-]?)Inf$/, '$1Infinity'));
    found.push({ name, labels: labelsOf(labels), value });
  }
  return found;
};

const labelsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [
      name,
      value.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? ' ' : escaped)),
    ]),
  );
