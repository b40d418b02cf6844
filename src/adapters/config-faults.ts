import type { z } from 'zod';
import { isMap, namesAt, type Path, pathText, placesOfName, shapeAt, valueAt } from './config-shape';
import { showValue } from './config-show';
import { nearest } from './nearest';

/** One thing wrong with a configuration. No field ever holds a secret. */
export interface Fault {
  /** `source.brokers[0]`; empty for the document as a whole. */
  readonly path: string;
  /** What stands there, fit to print. */
  readonly value: string;
  readonly expected: string;
  /** What was most likely meant. */
  readonly hint?: string | undefined;
  /** Line in the file, from 1; of the nearest value around it where the value is missing. */
  readonly line?: number | undefined;
}

/** A fault before it is tied to the text of the file. */
export interface Finding {
  readonly path: Path;
  readonly expected: string;
  readonly hint?: string | undefined;
}

export const faultText = (fault: Fault): string => {
  const where = fault.path === '' ? '' : `${fault.path}: `;
  const seen = fault.value === '' ? '' : `found ${fault.value}; `;
  return `${where}${seen}${fault.expected}${fault.hint === undefined ? '' : ` (${fault.hint})`}`;
};

export const findingToFault = (document: unknown, finding: Finding, line: number | undefined): Fault => ({
  path: pathText(finding.path),
  value: showValue(finding.path, valueAt(document, finding.path)),
  expected: finding.expected,
  hint: finding.hint,
  line,
});

/** What the schema found, in this project's words; one finding per unknown name. */
export const schemaFindings = (document: unknown, issues: readonly z.core.$ZodIssue[]): Finding[] =>
  issues.flatMap((issue) => {
    const path = issue.path as (string | number)[];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownName(document, path, key));
    const description = shapeAt(document, path)?.anyOf && shapeAt(document, path)?.description;
    const expected = `expected ${description ?? wanted(issue)}`;
    return [{ path, expected: withPresence(document, path, expected), hint: meant(document, path, issue) }];
  });

const unknownName = (document: unknown, path: Path, key: string): Finding => {
  const near = nearest(key, namesAt(document, path));
  return {
    path: [...path, key],
    expected: 'there is no setting of this name here',
    hint: near === undefined ? elsewhere(key) : `did you mean ${near}?`,
  };
};

/** More places than this say nothing. */
const MOST_PLACES = 3;

/** A setting that stands at few places may have been put at the wrong one. */
const elsewhere = (key: string): string | undefined => {
  const places = [...new Set(placesOfName(key))];
  return places.length === 0 || places.length > MOST_PLACES
    ? undefined
    : `there is ${[...places].sort().join(' and ')}`;
};

const withPresence = (document: unknown, path: Path, expected: string): string =>
  valueAt(document, path) === undefined ? `required; ${expected}` : expected;

const typeWords: Readonly<Record<string, string>> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  string: 'a text',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
};

const wanted = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_union':
      return oneOf(alternatives(issue));
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_format':
      if (issue.format === 'url') return 'an http:// or https:// address';
      if (issue.format === 'datetime') return 'an RFC 3339 time such as 2026-01-31T00:00:00Z';
      return issue.message.replace(/^expected /, '');
    default:
      return issue.message;
  }
};

const unitOf = (origin: string): string =>
  origin === 'string' ? ' characters' : origin === 'array' || origin === 'set' ? ' items' : '';

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`;

/** Values of a union told apart by a field, which zod names in `options` where the schema is a discriminated one. */
const alternatives = (issue: z.core.$ZodIssue): readonly unknown[] => {
  const options = (issue as { options?: unknown }).options;
  return Array.isArray(options) ? options : ['the documented forms'];
};

const meant = (document: unknown, path: Path, issue: z.core.$ZodIssue): string | undefined => {
  const seen = valueAt(document, path);
  if (typeof seen !== 'string') return isMap(seen) ? 'check the indentation' : undefined;
  const known =
    issue.code === 'invalid_value' ? issue.values : issue.code === 'invalid_union' ? alternatives(issue) : [];
  const near = nearest(seen, known.map(String));
  return near === undefined ? undefined : `did you mean ${near}?`;
};
