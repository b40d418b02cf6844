import { type FactArrays, FactTable } from './facts';

/** One array of a checkpoint: name, version and bytes (little endian, no alignment). */
export interface Part {
  readonly name: string;
  readonly version: number;
  readonly data: Uint8Array;
}

const VERSION = 2;
const types = {
  home: Uint32Array,
  tag: Uint16Array,
  first: Uint16Array,
  last: Uint32Array,
  count: Float32Array,
  buckets: Uint32Array,
  taken: Uint8Array,
} as const;
const names = Object.keys(types) as (keyof FactArrays)[];

/** The arrays of a fact table: equal tables give equal bytes. */
export function factParts(facts: FactTable): Part[] {
  const arrays = facts.export();
  return names.map((name) => ({
    name: `facts.${name}`,
    version: VERSION,
    data: new Uint8Array(arrays[name].buffer, arrays[name].byteOffset, arrays[name].byteLength),
  }));
}

/** The table again, copied; of version 1 as well. Throws when an array is missing or of a version unknown here. */
export function factsFrom(parts: ReadonlyMap<string, Omit<Part, 'name'>>, maxSlots: number): FactTable {
  const read = <T>(name: string, version: number, type: new (bytes: ArrayBuffer) => T): T => {
    const part = parts.get(`facts.${name}`);
    if (part === undefined) throw new Error(`checkpoint lacks facts.${name}`);
    if (part.version !== version)
      throw new Error(`checkpoint has facts.${name} of version ${part.version}, this build reads 1 and ${VERSION}`);
    return new type(new Uint8Array(part.data).buffer);
  };
  if (parts.get('facts.home')?.version === 1) return fromFirst(read, maxSlots);
  const arrays = Object.fromEntries(names.map((name) => [name, read<unknown>(name, VERSION, types[name])]));
  return new FactTable(maxSlots, arrays as unknown as FactArrays);
}

/** Version 1: one entry a slot, tags of 32 bits (0: free), first sightings in seconds. */
function fromFirst(
  read: <T>(name: string, version: number, type: new (bytes: ArrayBuffer) => T) => T,
  maxSlots: number,
): FactTable {
  const facts = new FactTable(maxSlots);
  const [home, tag, first, last] = ['home', 'tag', 'first', 'last'].map((name) => read(name, 1, Uint32Array));
  const count = read('count', 1, Float32Array);
  for (let i = 0; i < tag.length; i++) if (tag[i] !== 0) facts.adopt(home[i], tag[i], first[i], last[i], count[i]);
  return facts;
}
