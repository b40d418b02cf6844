import type { Inventory, KeyFacts } from '../domain/inventory';
import { limitNames } from './declared';
import { type KeyUse, type Usage, usesByRow } from './usage';

/** What a review of access asks about a key. */
export const findingKinds = [
  'unused',
  'never-rotated',
  'rotation-overdue',
  'no-owner',
  'undeclared',
  'replaced-in-use',
  'broader-than-used',
  'outside-limits',
] as const;
export type FindingKind = (typeof findingKinds)[number];

export interface Finding {
  readonly key: string;
  readonly keyName: string;
  readonly tenant: string;
  readonly owner: string;
  readonly tier: string;
  readonly kind: FindingKind;
  /** One sentence. Holds texts of the log and of the inventory. */
  readonly detail: string;
  /** Last request in the log, milliseconds; undefined where it has none. */
  readonly lastUsed: number | undefined;
}

export interface ReviewOptions {
  readonly inventory: Inventory;
  /** The moment that the review is of, milliseconds. */
  readonly asOf: number;
  readonly unusedMs: number;
  /** How old a secret may be, milliseconds; by tier where it is listed. */
  readonly rotateMs: number;
  readonly rotateMsByTier: ReadonlyMap<string, number>;
  /** Tier of a key whose row names none. */
  readonly tierOf: (key: string) => string;
}

export interface AccessReview {
  readonly findings: readonly Finding[];
  /** Keys that were reviewed: declared, or in the log. */
  readonly reviewed: number;
  readonly declared: number;
  /** The log reaches back less far than `unusedMs`: what it does not show may have been used before. */
  readonly short: boolean;
  readonly asOf: number;
}

const DAY = 86_400_000;
const SHOWN = 8;

/** All findings, key by key in the order of their ids. Pure: the same log, inventory and moment give the same review. */
export function reviewAccess(usage: Usage, options: ReviewOptions): AccessReview {
  const { inventory, asOf } = options;
  const uses = usesByRow(usage);
  const successors = new Map<string, string>();
  for (const { key, predecessor } of inventory.rows) if (predecessor !== undefined) successors.set(predecessor, key);
  const findings: Finding[] = [];
  const add = (facts: KeyFacts | undefined, use: KeyUse | undefined) => {
    const key = facts?.key ?? use!.key;
    const tier = facts?.tier ?? options.tierOf(key);
    for (const [kind, detail] of findingsOf(facts, use, tier, successors.get(key), usage, options)) {
      findings.push({
        key,
        keyName: facts?.name ?? use?.keyName ?? '',
        tenant: facts?.tenant ?? use?.tenant ?? '',
        owner: facts?.owner ?? '',
        tier,
        kind,
        detail,
        lastUsed: use?.last,
      });
    }
  };
  for (const row of inventory.rows) add(row, uses.get(row.key));
  let undeclared = 0;
  for (const use of usage.keys.values()) {
    if (use.facts !== undefined) continue;
    undeclared++;
    add(undefined, use);
  }
  findings.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return {
    findings,
    reviewed: inventory.rows.length + undeclared,
    declared: inventory.rows.length,
    short: usage.from === undefined || asOf - usage.from < options.unusedMs,
    asOf,
  };
}

function* findingsOf(
  facts: KeyFacts | undefined,
  use: KeyUse | undefined,
  tier: string,
  successor: string | undefined,
  usage: Usage,
  options: ReviewOptions,
): Generator<readonly [FindingKind, string]> {
  const unused = unusedText(use, facts, usage, options);
  if (unused !== undefined) yield ['unused', unused];
  if (facts === undefined) {
    if (options.inventory.rows.length > 0) yield ['undeclared', 'in the log and not in the inventory'];
    return;
  }
  yield* rotation(facts, tier, options);
  if (facts.owner === undefined || facts.owner.trim() === '') yield ['no-owner', 'no owner is declared'];
  if (use === undefined) return;
  if (successor !== undefined) {
    yield ['replaced-in-use', `replaced by ${successor}, last used ${dateOf(use.last)}`];
  }
  const broader = broaderText(use);
  if (broader !== '') yield ['broader-than-used', broader];
  const outside = outsideText(use);
  if (outside !== '') yield ['outside-limits', outside];
}

function unusedText(
  use: KeyUse | undefined,
  facts: KeyFacts | undefined,
  { from }: Usage,
  { asOf, unusedMs }: ReviewOptions,
): string | undefined {
  if (use !== undefined) {
    return asOf - use.last >= unusedMs ? `last used ${dateOf(use.last)}, ${daysOf(asOf - use.last)} ago` : undefined;
  }
  // Younger than the time in question: nobody had it for that long.
  if (facts?.created !== undefined && asOf - facts.created < unusedMs) return undefined;
  if (from === undefined) return 'the log holds no request at all';
  if (asOf - from >= unusedMs) return `no request in ${daysOf(asOf - from)}`;
  return `no request since ${dateOf(from)}, where the log begins; it does not reach back ${daysOf(unusedMs)}`;
}

function* rotation(
  { created, rotated }: KeyFacts,
  tier: string,
  { asOf, rotateMs, rotateMsByTier }: ReviewOptions,
): Generator<readonly [FindingKind, string]> {
  const allowed = rotateMsByTier.get(tier) ?? rotateMs;
  const rule = `${daysOf(allowed)} are allowed for tier ${tier}`;
  if (rotated !== undefined) {
    const age = asOf - rotated;
    if (age > allowed) yield ['rotation-overdue', `rotated ${dateOf(rotated)}, ${daysOf(age)} ago; ${rule}`];
  } else if (created === undefined) yield ['never-rotated', 'neither creation nor rotation is declared'];
  else if (asOf - created > allowed) {
    yield ['never-rotated', `created ${dateOf(created)}, ${daysOf(asOf - created)} ago, and not rotated; ${rule}`];
  }
}

function broaderText(use: KeyUse): string {
  const unused = use.scope?.unused();
  if (unused === undefined) return '';
  const parts = (['routes', 'networks', 'countries'] as const)
    .filter((name) => unused[name].length > 0)
    .map((name) => `${name} ${some(unused[name])}`);
  return parts.length === 0 ? '' : `declared and not used since ${dateOf(use.first)}: ${parts.join('; ')}`;
}

function outsideText({ outside }: KeyUse): string {
  return limitNames
    .flatMap((name) => {
      const found = outside.get(name);
      if (found === undefined) return [];
      const { requests, first, last, example } = found;
      const what = example === '' ? '' : `, such as ${example}`;
      return [`${name}: ${requests} requests from ${dateOf(first)} to ${dateOf(last)}${what}`];
    })
    .join('; ');
}

function some(entries: readonly string[]): string {
  const more = entries.length - SHOWN;
  return `${entries.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function daysOf(ms: number): string {
  const days = Math.floor(ms / DAY);
  return `${days} day${days === 1 ? '' : 's'}`;
}
