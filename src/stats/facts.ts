import { mix } from './hash';

/** Sixteen 4-byte tags are one cache line: a look-up touches one of tags and, when found, one of homes. */
const WAYS = 16;
const FULL_SHARE = 0.6;
const DAY = 86_400;
/**
 * How much longer unseen than a passing one a fact is kept for each day between its first and last sighting. Whoever
 * floods the table with ever new facts, in a day or two, then displaces his own and not the pasts of other keys.
 */
const REPRIEVE = 2 * DAY;
const MOST_DAYS = 30;

/** Plain arrays of a fact table, in the order in which they are checkpointed. */
export interface FactArrays {
  readonly home: Uint32Array;
  readonly tag: Uint32Array;
  readonly first: Uint32Array;
  readonly last: Uint32Array;
  readonly count: Float32Array;
}

/**
 * A bounded memory of facts "this was seen", each with first time, last time and count: which address, country, client
 * or route a key has used. A fact is named by two 32-bit hashes. Set-associative: a fact lives in one of the sixteen slots
 * of its home bucket. Grows by doubling up to `maxSlots`; from then on the longest unseen fact of a full
 * bucket is forgotten, facts that lasted for days later than passing ones. 20 bytes a slot. Two facts are confused with a chance of about 2·10⁻⁹ a look-up.
 */
export class FactTable {
  private arrays: FactArrays;
  private mask: number;
  private used = 0;
  private forgotten = 0;

  constructor(
    private readonly maxSlots: number,
    arrays?: FactArrays,
  ) {
    this.arrays = arrays ?? allocate(Math.min(8_192, powerOfTwo(maxSlots)));
    this.mask = this.arrays.tag.length / WAYS - 1;
    for (const tag of this.arrays.tag) if (tag !== 0) this.used++;
  }

  /** Slot of the fact, or −1. Valid until the next `add`. */
  find(home: number, tag: number): number {
    const wanted = tag === 0 ? 1 : tag;
    const { tag: tags, home: homes } = this.arrays;
    const base = (home & this.mask) * WAYS;
    for (let slot = base; slot < base + WAYS; slot++) {
      if (tags[slot] === wanted && homes[slot] === home >>> 0) return slot;
    }
    return -1;
  }

  /** Seconds of the first sighting. */
  first(slot: number): number {
    return this.arrays.first[slot];
  }

  /** Seconds of the last sighting. */
  last(slot: number): number {
    return this.arrays.last[slot];
  }

  count(slot: number): number {
    return this.arrays.count[slot];
  }

  /** Counts one more sighting at `seconds`; an earlier time never moves `last` back. */
  touch(slot: number, seconds: number, weight = 1): void {
    if (seconds > this.arrays.last[slot]) this.arrays.last[slot] = seconds;
    this.arrays.count[slot] += weight;
  }

  /** Multiplies the count, for counts that fade. */
  scale(slot: number, factor: number): void {
    this.arrays.count[slot] *= factor;
  }

  /** Adds a fact that `find` did not find, and answers its slot. */
  add(home: number, tag: number, seconds: number, weight = 1): number {
    if (this.used > this.arrays.tag.length * FULL_SHARE && this.arrays.tag.length * 2 <= this.maxSlots) this.grow();
    const slot = this.vacate((home & this.mask) * WAYS);
    this.arrays.home[slot] = home;
    this.arrays.tag[slot] = tag === 0 ? 1 : tag;
    this.arrays.first[slot] = seconds;
    this.arrays.last[slot] = seconds;
    this.arrays.count[slot] = weight;
    this.used++;
    return slot;
  }

  size(): number {
    return this.used;
  }

  /** Facts lost to the bound since the start of this process. */
  evictions(): number {
    return this.forgotten;
  }

  bytes(): number {
    return this.arrays.tag.length * 20;
  }

  export(): FactArrays {
    return this.arrays;
  }

  private vacate(base: number): number {
    const { tag } = this.arrays;
    let least = base;
    let leastWorth = Infinity;
    for (let slot = base; slot < base + WAYS; slot++) {
      if (tag[slot] === 0) return slot;
      const worth = this.worth(slot);
      if (worth >= leastWorth) continue;
      leastWorth = worth;
      least = slot;
    }
    this.used--;
    this.forgotten++;
    return least;
  }

  /** When the fact was last seen, with a reprieve for each of its days up to `MOST_DAYS`. Seconds. */
  private worth(slot: number): number {
    const { first, last } = this.arrays;
    return last[slot] + REPRIEVE * Math.min(MOST_DAYS, Math.floor((last[slot] - first[slot]) / DAY));
  }

  private grow(): void {
    const old = this.arrays;
    this.arrays = allocate(old.tag.length * 2);
    this.mask = this.arrays.tag.length / WAYS - 1;
    this.used = 0;
    for (let i = 0; i < old.tag.length; i++) {
      if (old.tag[i] === 0) continue;
      const slot = this.vacate((old.home[i] & this.mask) * WAYS);
      this.arrays.home[slot] = old.home[i];
      this.arrays.tag[slot] = old.tag[i];
      this.arrays.first[slot] = old.first[i];
      this.arrays.last[slot] = old.last[i];
      this.arrays.count[slot] = old.count[i];
      this.used++;
    }
  }
}

/** Home bucket of the fact "`value` at `level`" of an owner (a key or the fleet) named by two hashes. */
export function factHome(ownerLow: number, level: number, value: number): number {
  return mix(Math.imul(ownerLow ^ Math.imul(level + 1, 0x9e3779b1), 0x85ebca6b) ^ value);
}

/** Tag of the same fact, independent of its home. */
export function factTag(ownerHigh: number, level: number, value: number): number {
  return mix(Math.imul(value + Math.imul(level + 1, 0xc2b2ae35), 0x27d4eb2f) ^ ownerHigh);
}

function allocate(slots: number): FactArrays {
  return {
    home: new Uint32Array(slots),
    tag: new Uint32Array(slots),
    first: new Uint32Array(slots),
    last: new Uint32Array(slots),
    count: new Float32Array(slots),
  };
}

function powerOfTwo(atMost: number): number {
  return 2 ** Math.max(8, Math.floor(Math.log2(atMost)));
}
