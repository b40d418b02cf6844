const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/**
 * MurmurHash2 as Kafka's default partitioner has it, over the bytes of a record's key. Signed, 32 bits.
 * Source: `org.apache.kafka.common.utils.Utils.murmur2`.
 */
export function murmur2(bytes: Uint8Array, length = bytes.length): number {
  let h = SEED ^ length;
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    k = Math.imul(k, M);
    k = Math.imul(k ^ (k >>> 24), M);
    h = Math.imul(h, M) ^ k;
  }
  const rest = length & 3;
  if (rest === 3) h ^= bytes[whole + 2] << 16;
  if (rest >= 2) h ^= bytes[whole + 1] << 8;
  if (rest >= 1) h = Math.imul(h ^ bytes[whole], M);
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}

const scratch = Buffer.alloc(4_096);

/**
 * Partition of a key's text: what Kafka's default partitioner answers for a record whose key is the text in UTF-8, so
 * that any producer can find the partition of a key.
 */
export function partitionOf(key: string, partitions: number): number {
  const room = key.length * 3 <= scratch.length;
  const hash = room ? murmur2(scratch, writeText(key)) : murmur2(Buffer.from(key, 'utf8'));
  return (hash & 0x7fffffff) % partitions;
}

/** Key ids are ASCII nearly always; then a loop is quicker than the call. */
function writeText(text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return scratch.write(text, 'utf8');
    scratch[i] = code;
  }
  return text.length;
}
