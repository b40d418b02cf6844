import type { Actor, KeyPlan } from './fleet';
import type { Kind, LairName } from './kinds';
import { addressOf, type Block, blocks, blocksOf, type Range, subnet } from './networks';
import type { Random } from './random';

/** Where a thief of the simulated world sits. */
export interface Lair {
  readonly block: Block;
  readonly range: Range;
  /** Number of the thief's machine in the range. */
  readonly firstHost: number;
}

/** A machine that is none of the owner's. */
const STRANGER = 100_000;

export const place = (candidates: readonly Block[], rng: Random): Lair | undefined => {
  if (candidates.length === 0) return undefined;
  const block = rng.pick(candidates);
  return { block, range: subnet(block, rng.int(65_536)), firstHost: STRANGER + rng.int(1_000) };
};

/** The actor who makes most of the key's requests at a time. */
export const mainActor = (victim: KeyPlan, at: number): Actor =>
  victim.actors.filter((a) => a.from <= at && at < a.until).reduce((most, a) => (a.weight > most.weight ? a : most));

export const countriesOf = (victim: KeyPlan): ReadonlySet<string> => new Set(victim.actors.map((a) => a.block.country));

/** Blocks abroad of the kinds that a theft comes from. */
export const blocksAbroad = ({ from = [] }: Pick<Kind, 'from'>, countries: ReadonlySet<string>): readonly Block[] =>
  blocks.filter((b) => from.includes(b.kind) && !countries.has(b.country));

type Find = (victim: KeyPlan, kind: Kind, at: number, rng: Random) => Lair | undefined;

/** Finds such a place for a victim; undefined when it offers none. */
export const findLair: Readonly<Record<LairName, Find>> = {
  abroad: (victim, kind, _, rng) => place(blocksAbroad(kind, countriesOf(victim)), rng),
  country: (victim, _, at, rng) => {
    const owners = new Set(victim.actors.map((a) => a.block.owner));
    const { country } = mainActor(victim, at).block;
    return place(
      blocksOf({ country }).filter((b) => !owners.has(b.owner) && b.kind !== 'mobile'),
      rng,
    );
  },
  cloud: (victim, _, at, rng) => {
    const { block } = mainActor(victim, at);
    return block.kind === 'cloud' ? place(blocksOf({ owner: block.owner, country: block.country }), rng) : undefined;
  },
  inside: (victim, _, at) => {
    const { block, range, firstHost, hosts } = mainActor(victim, at);
    const known = new Set(Array.from({ length: hosts }, (_, i) => addressOf(range, firstHost + i)));
    let host = STRANGER;
    while (known.has(addressOf(range, host)) && host < STRANGER + 1_000) host++;
    return { block, range, firstHost: host };
  },
  own: (victim, _, at, rng) => {
    const { block, range, firstHost, hosts } = mainActor(victim, at);
    return { block, range, firstHost: firstHost + rng.int(hosts) };
  },
};
