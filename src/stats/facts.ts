import {
  BUCKET_BYTES,
  DAY,
  findIn,
  freeSlot,
  leastWorth,
  nextSize,
  rehashed,
  SHARD_BITS,
  SHARDS,
  type Shard,
  shardOf,
  shortTag,
  tagAt,
  WAYS,
  wordAt,
  write,
} from './fact-shard';
import { mix } from './hash';

/** A shard grows when more of its slots than this are taken, or when a fact finds no room and it is crowded. */
const FULL_SHARE = 0.75;
const CROWDED_SHARE = 0.5;
const SHARD_MASK = SHARDS - 1;

/** The facts of one shard: one entry a fact, in slot order, and how many slots are taken in each bucket. */
export interface ShardArrays {
  readonly home: Uint32Array;
  readonly last: Uint32Array;
  readonly count: Float32Array;
  readonly tag: Uint16Array;
  readonly first: Uint16Array;
  readonly taken: Uint8Array;
}

/**
 * A bounded memory of facts "this was seen", each with first day, last time and count: which address, country, client
 * or route a key has used. A fact is named by two hashes. Set-associative: a fact lives in one of the sixteen slots
 * of its home bucket or, where that is full, of the next ones. Grows in small steps up to `maxSlots`, and forgets nothing
 * before; from then on the longest unseen fact of a full home bucket is forgotten, facts that lasted for days later than
 * passing ones. 16 bytes a slot, some 23 a fact. At a million facts, two are confused with a chance of about 10⁻⁸ a look-up.
 */
export class FactTable {
  private readonly shards: Shard[] = [];
  private readonly mostBuckets: number;
  private used = 0;
  private forgotten = 0;

  constructor(maxSlots: number) {
    this.mostBuckets = Math.max(1, Math.floor(maxSlots / WAYS / SHARDS));
    for (let s = 0; s < SHARDS; s++) this.shards.push(shardOf(Math.min(this.mostBuckets, nextSize(s, 0))));
  }

  /** Slot of the fact, or −1. Valid until the next `add`. */
  find(home: number, tag: number): number {
    const s = home & SHARD_MASK;
    const slot = findIn(this.shards[s], home, tag);
    return slot < 0 ? -1 : (slot << SHARD_BITS) | s;
  }

  /** Day (since 1970) of the first sighting. */
  firstDay(slot: number): number {
    return this.shards[slot & SHARD_MASK].half[tagAt(slot >>> SHARD_BITS) + WAYS];
  }

  /** Seconds of the last sighting. */
  last(slot: number): number {
    return this.shards[slot & SHARD_MASK].word[wordAt(slot >>> SHARD_BITS) + 1];
  }

  count(slot: number): number {
    return this.shards[slot & SHARD_MASK].real[wordAt(slot >>> SHARD_BITS) + 2];
  }

  /** Counts one more sighting at `seconds`; an earlier time never moves `last` back. */
  touch(slot: number, seconds: number, weight = 1): void {
    const { word, real } = this.shards[slot & SHARD_MASK];
    const at = wordAt(slot >>> SHARD_BITS);
    if (seconds > word[at + 1]) word[at + 1] = seconds;
    real[at + 2] += weight;
  }

  /** Multiplies the count, for counts that fade. */
  scale(slot: number, factor: number): void {
    this.shards[slot & SHARD_MASK].real[wordAt(slot >>> SHARD_BITS) + 2] *= factor;
  }

  /** Adds a fact that `find` did not find, and answers its slot. */
  add(home: number, tag: number, seconds: number, weight = 1): number {
    return this.adopt(home, tag, seconds, seconds, weight);
  }

  /** Adds a fact with a past: first and last sighting in seconds, and count. */
  adopt(home: number, tag: number, first: number, last: number, count: number): number {
    const s = home & SHARD_MASK;
    let shard = this.shards[s];
    if (shard.used > shard.buckets * WAYS * FULL_SHARE) shard = this.grow(s);
    let slot = freeSlot(shard, home);
    if (slot < 0 && shard.used > shard.buckets * WAYS * CROWDED_SHARE) {
      shard = this.grow(s);
      slot = freeSlot(shard, home);
    }
    if (slot < 0) {
      slot = leastWorth(shard, home);
      this.forgotten++;
    } else {
      shard.used++;
      this.used++;
    }
    write(shard, slot, home, shortTag(tag), Math.floor(first / DAY), last, count);
    return (slot << SHARD_BITS) | s;
  }

  size(): number {
    return this.used;
  }

  /** Facts lost to the bound since the start of this process. */
  evictions(): number {
    return this.forgotten;
  }

  bytes(): number {
    let buckets = 0;
    for (const shard of this.shards) buckets += shard.buckets;
    return buckets * BUCKET_BYTES;
  }

  /** Facts and buckets of a shard, as `exportShard` needs room for them. */
  shardSize(s: number): { readonly facts: number; readonly buckets: number } {
    return { facts: this.shards[s].used, buckets: this.shards[s].buckets };
  }

  /** Copies a shard's facts into arrays of `shardSize`, all zero. */
  exportShard(s: number, arrays: ShardArrays): void {
    const { buckets, half, word, real } = this.shards[s];
    let to = 0;
    for (let slot = 0; slot < buckets * WAYS; slot++) {
      const tag = tagAt(slot);
      if (half[tag] === 0) continue;
      const at = wordAt(slot);
      arrays.taken[slot >>> 4]++;
      arrays.tag[to] = half[tag];
      arrays.first[to] = half[tag + WAYS];
      arrays.home[to] = word[at];
      arrays.last[to] = word[at + 1];
      arrays.count[to++] = real[at + 2];
    }
  }

  /** Replaces a shard by an exported one, whatever its size. */
  importShard(s: number, { taken, home, tag, first, last, count }: ShardArrays): void {
    const shard = shardOf(taken.length);
    let from = 0;
    for (let bucket = 0; bucket < taken.length; bucket++) {
      for (let way = 0; way < taken[bucket]; way++, from++)
        write(shard, bucket * WAYS + way, home[from], tag[from], first[from], last[from], count[from]);
    }
    shard.used = from;
    this.used += from - this.shards[s].used;
    this.shards[s] = shard;
  }

  /** A larger shard with the same facts, or the same one when it is as large as it may be. */
  private grow(s: number): Shard {
    const old = this.shards[s];
    let { buckets } = old;
    while (buckets < this.mostBuckets) {
      buckets = Math.min(this.mostBuckets, nextSize(s, buckets));
      const grown = rehashed(old, buckets);
      if (grown === undefined) continue;
      this.shards[s] = grown;
      return grown;
    }
    return old;
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
