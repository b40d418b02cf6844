import { headOf } from './head';
import { isHash } from './line';
import type { Witness } from './verify';

/**
 * The heads in a text: a head itself, a notice `audit-head`, a hit of a search (`_source`), a list of those, or one a line.
 * Throws where there is none: a head that is not understood must not pass for one that fits.
 */
export function witnessesIn(text: string): readonly Witness[] {
  const found = values(text).flatMap((value) => {
    const witness = witnessOf(value);
    return witness === undefined ? [] : [witness];
  });
  if (found.length === 0)
    throw new Error('no head in it: expected a notice audit-head, or its keywatch.audit, as JSON');
  return found;
}

function values(text: string): readonly unknown[] {
  const whole = parsed(text);
  if (whole !== undefined) return Array.isArray(whole) ? whole : [whole];
  return text.split('\n').map(parsed);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Members = Readonly<Record<string, unknown>>;
const membersOf = (value: unknown): Members | undefined =>
  typeof value === 'object' && value !== null ? (value as Members) : undefined;

function witnessOf(value: unknown): Witness | undefined {
  const outer = membersOf(value);
  const document = membersOf(outer?._source) ?? outer;
  const head = membersOf(membersOf(document?.keywatch)?.audit) ?? document;
  if (head === undefined) return undefined;
  const signed = headOf(head);
  if (signed !== undefined) return signed;
  const { chain, hash } = head;
  const covers = head.covers ?? head.sequence;
  if (typeof chain !== 'string' || !isHash(hash) || !Number.isSafeInteger(covers)) return undefined;
  return { chain, covers: covers as number, hash };
}
