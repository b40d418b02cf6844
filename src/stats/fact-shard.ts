/** Slots a bucket. */
export const WAYS = 16;
/** Buckets, from the home bucket on, in which a fact may lie. */
const REACH = 4;
/** A shard grows by an eighth. */
const GROWTH = 1.125;
export const DAY = 86_400;
/**
 * How much longer unseen than a passing one a fact is kept for each day between its first and last sighting. Whoever
 * floods the table with ever new facts, in a day or two, then displaces his own and not the pasts of other keys.
 */
const REPRIEVE = 2 * DAY;
const MOST_DAYS = 30;

/** Parts of a table, by the low bits of a fact's home: each grows by itself and at its own time. */
export const SHARD_BITS = 6;
export const SHARDS = 1 << SHARD_BITS;
/** Brings a home without its shard to [0, 1). */
const SCALE = 2 ** (SHARD_BITS - 32);
/** Buckets of the first shard at the start; the last starts with nearly twice as many. */
const FEWEST_BUCKETS = 8;

/**
 * A bucket is 256 bytes, four cache lines on one page: sixteen 2-byte tags, sixteen days of first sighting (since 1970),
 * then for each slot the home (u32), the seconds of the last sighting (u32) and the count (f32). Indices in 2-byte and
 * 4-byte units.
 */
const BUCKET_16 = 128;
const BUCKET_32 = 64;
export const BUCKET_BYTES = 256;
const SLOT_32 = 3;
const SLOTS_AT = 16;

/** One part of a fact table: three views of the same memory. Slots are counted within it. */
export interface Shard {
  readonly buckets: number;
  /** Slots taken. */
  used: number;
  readonly half: Uint16Array;
  readonly word: Uint32Array;
  readonly real: Float32Array;
}

/** Slot of the fact, or −1. */
export function findIn({ half, word, buckets }: Shard, home: number, tag: number): number {
  const wanted = shortTag(tag);
  let bucket = bucketOf(home, buckets);
  for (let turn = 0; turn < REACH; turn++) {
    const tags = bucket * BUCKET_16;
    for (let way = 0; way < WAYS; way++) {
      const found = half[tags + way];
      if (found === wanted && word[bucket * BUCKET_32 + SLOTS_AT + way * SLOT_32] === home >>> 0)
        return bucket * WAYS + way;
      if (found === 0) return -1;
    }
    bucket = bucket + 1 < buckets ? bucket + 1 : 0;
  }
  return -1;
}

/** The shard with more buckets; undefined should a fact find no room. */
export function rehashed({ buckets, half, word, real }: Shard, more: number): Shard | undefined {
  const shard = shardOf(more);
  for (let slot = 0; slot < buckets * WAYS; slot++) {
    const tag = tagAt(slot);
    if (half[tag] === 0) continue;
    const at = wordAt(slot);
    const to = freeSlot(shard, word[at]);
    if (to < 0) return undefined;
    write(shard, to, word[at], half[tag], half[tag + WAYS], word[at + 1], real[at + 2]);
    shard.used++;
  }
  return shard;
}

/** Where a slot's tag is in `half` (its day of first sighting lies `WAYS` behind), and its home in `word` (last sighting and count follow). */
export const tagAt = (slot: number): number => (slot >>> 4) * BUCKET_16 + (slot & 15);
export const wordAt = (slot: number): number => (slot >>> 4) * BUCKET_32 + SLOTS_AT + (slot & 15) * SLOT_32;

/** 0 marks a free slot. Those of a bucket are taken from the first on and never become free again. */
export const shortTag = (tag: number): number => tag >>> 16 || 1;

const bucketOf = (home: number, buckets: number): number => ((home >>> SHARD_BITS) * SCALE * buckets) | 0;

export function write(
  shard: Shard,
  slot: number,
  home: number,
  tag: number,
  day: number,
  last: number,
  count: number,
): void {
  const at = wordAt(slot);
  shard.half[tagAt(slot)] = tag;
  shard.half[tagAt(slot) + WAYS] = day;
  shard.word[at] = home;
  shard.word[at + 1] = last;
  shard.real[at + 2] = count;
}

/** The first free slot within reach of the home bucket, or −1. */
export function freeSlot(shard: Shard, home: number): number {
  const { half } = shard;
  let bucket = bucketOf(home, shard.buckets);
  for (let turn = 0; turn < REACH; turn++) {
    const tags = bucket * BUCKET_16;
    if (half[tags + WAYS - 1] === 0) for (let way = 0; ; way++) if (half[tags + way] === 0) return bucket * WAYS + way;
    bucket = bucket + 1 < shard.buckets ? bucket + 1 : 0;
  }
  return -1;
}

/**
 * The slot of a full home bucket to give up: the one last seen longest ago, with a reprieve for each of its days up to
 * `MOST_DAYS`.
 */
export function leastWorth({ half, word, buckets }: Shard, home: number): number {
  const bucket = bucketOf(home, buckets);
  let least = 0;
  let leastWorth = Infinity;
  for (let way = 0; way < WAYS; way++) {
    const last = word[bucket * BUCKET_32 + SLOTS_AT + way * SLOT_32 + 1];
    const days = Math.floor(last / DAY) - half[bucket * BUCKET_16 + WAYS + way];
    const worth = last + REPRIEVE * Math.min(MOST_DAYS, days);
    if (worth >= leastWorth) continue;
    least = way;
    leastWorth = worth;
  }
  return bucket * WAYS + least;
}

export function shardOf(buckets: number): Shard {
  const memory = new ArrayBuffer(buckets * 2 * BUCKET_16);
  return {
    buckets,
    used: 0,
    half: new Uint16Array(memory),
    word: new Uint32Array(memory),
    real: new Float32Array(memory),
  };
}

/** The sizes of a shard are its own, so that shards that fill alike do not grow together. */
export function nextSize(s: number, buckets: number): number {
  let size = FEWEST_BUCKETS * 2 ** (s / SHARDS);
  while (Math.floor(size) <= buckets) size *= GROWTH;
  return Math.floor(size);
}
