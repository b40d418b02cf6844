import { createHash } from 'node:crypto';

/** By section, a digest of what stands in it: tells that it changed and nothing of its values. */
export type Digests = Readonly<Record<string, string>>;

/** A fixed order of members, so that moving lines in the file is no change. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, canonical(inner)]));
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

export function digestsOf(config: Readonly<Record<string, unknown>>): Digests {
  const sections = Object.entries(config).filter(([, section]) => section !== undefined);
  return Object.fromEntries(sections.map(([name, section]) => [name, digest(JSON.stringify(canonical(section)))]));
}

/** One digest of all sections. */
export const digestOfAll = (digests: Digests): string => digest(JSON.stringify(canonical(digests)));

/** Sections that differ, in order of name; those that are only in one of them differ. */
export function changedSections(before: Digests, after: Digests): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => before[name] !== after[name]).sort();
}
