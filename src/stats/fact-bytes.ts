import { SHARDS } from './fact-shard';
import { FactTable, type ShardArrays } from './facts';

/** One array of a checkpoint of the first format: version and bytes (little endian, no alignment). */
export interface Part {
  readonly version: number;
  readonly data: Uint8Array;
}

/** Version of what `shardToBytes` writes. */
export const FACTS_VERSION = 3;
/** Bytes of a fact. */
const FACT = 16;

/** The arrays of a shard side by side in one buffer, widest first. */
function viewsOf(buffer: ArrayBuffer, facts: number, buckets: number): ShardArrays {
  return {
    home: new Uint32Array(buffer, 0, facts),
    last: new Uint32Array(buffer, 4 * facts, facts),
    count: new Float32Array(buffer, 8 * facts, facts),
    tag: new Uint16Array(buffer, 12 * facts, facts),
    first: new Uint16Array(buffer, 14 * facts, facts),
    taken: new Uint8Array(buffer, FACT * facts, buckets),
  };
}

export interface ShardBytes {
  readonly facts: number;
  readonly buckets: number;
  readonly data: Uint8Array;
}

/** A shard of the table, copied: equal tables give equal bytes. */
export function shardToBytes(table: FactTable, shard: number): ShardBytes {
  const { facts, buckets } = table.shardSize(shard);
  const buffer = new ArrayBuffer(FACT * facts + buckets);
  table.exportShard(shard, viewsOf(buffer, facts, buckets));
  return { facts, buckets, data: new Uint8Array(buffer) };
}

/** Puts a shard back. Throws where the bytes are not those of so many facts and buckets. */
export function shardFromBytes(table: FactTable, shard: number, { facts, buckets, data }: ShardBytes): void {
  if (!(shard >= 0 && shard < SHARDS) || data.byteLength !== FACT * facts + buckets)
    throw new Error('checkpoint has a shard of facts of another size');
  table.importShard(shard, viewsOf(new Uint8Array(data).buffer, facts, buckets));
}

/**
 * The table out of the first format, copied; its versions 1 and 2. Throws when an array is missing or of a version
 * unknown here.
 */
export function factsFrom(parts: ReadonlyMap<string, Part>, maxSlots: number): FactTable {
  const read = <T>(name: string, version: number, type: new (bytes: ArrayBuffer) => T): T => {
    const part = parts.get(`facts.${name}`);
    if (part === undefined) throw new Error(`checkpoint lacks facts.${name}`);
    if (part.version !== version)
      throw new Error(`checkpoint has facts.${name} of version ${part.version}, this build reads 1 and 2`);
    return new type(new Uint8Array(part.data).buffer);
  };
  return parts.get('facts.home')?.version === 1 ? fromFirst(read, maxSlots) : fromSecond(read, maxSlots);
}

type Read = <T>(name: string, version: number, type: new (bytes: ArrayBuffer) => T) => T;

/** Version 1: one entry a slot, tags of 32 bits (0: free), first sightings in seconds. */
function fromFirst(read: Read, maxSlots: number): FactTable {
  const facts = new FactTable(maxSlots);
  const [home, tag, first, last] = ['home', 'tag', 'first', 'last'].map((name) => read(name, 1, Uint32Array));
  const count = read('count', 1, Float32Array);
  for (let i = 0; i < tag.length; i++) if (tag[i] !== 0) facts.adopt(home[i], tag[i], first[i], last[i], count[i]);
  return facts;
}

/** Version 2: one entry a fact, all shards one after another, and how many buckets each has. */
function fromSecond(read: Read, maxSlots: number): FactTable {
  const table = new FactTable(maxSlots);
  const [home, last] = ['home', 'last'].map((name) => read(name, 2, Uint32Array));
  const [tag, first] = ['tag', 'first'].map((name) => read(name, 2, Uint16Array));
  const [count, buckets, taken] = [
    read('count', 2, Float32Array),
    read('buckets', 2, Uint32Array),
    read('taken', 2, Uint8Array),
  ];
  let bucket = 0;
  let fact = 0;
  for (let shard = 0; shard < SHARDS; shard++) {
    const its = taken.subarray(bucket, bucket + buckets[shard]);
    const end = fact + its.reduce((sum, slots) => sum + slots, 0);
    const [from, to] = [fact, end];
    table.importShard(shard, {
      taken: its,
      home: home.subarray(from, to),
      last: last.subarray(from, to),
      count: count.subarray(from, to),
      tag: tag.subarray(from, to),
      first: first.subarray(from, to),
    });
    bucket += buckets[shard];
    fact = end;
  }
  return table;
}
