import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';
import * as snappy from 'snappy';

/**
 * Compression of Kafka record batches (message format 2): gzip, snappy, LZ4 frames, zstd.
 * https://kafka.apache.org/documentation/#recordbatch
 */

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

/** A batch that unpacks to more is refused: brokers limit the packed size only. */
export const MAX_BATCH_BYTES = 256 * 1024 * 1024;

const gzip = promisify<zlib.InputType, Buffer>(zlib.gzip);
const gunzip = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.gunzip);

const gzipCodec: Codec = {
  compress: (encoder) => gzip(encoder.buffer),
  decompress: (buffer) => gunzip(buffer, { maxOutputLength: MAX_BATCH_BYTES }),
};

/**
 * snappy-java's stream format, which the Java clients write: 8 bytes of magic, version, lowest compatible version, then
 * blocks, each after its packed length (all numbers 32-bit big-endian). Other clients write one raw snappy block.
 * https://github.com/xerial/snappy-java (SnappyCodec, SnappyOutputStream)
 */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER = 16;
const XERIAL_BLOCK = 32 * 1024;

/** Length that a raw snappy block says it unpacks to: a base-128 number of at most five bytes at its head. */
function snappyLength(block: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5 && i < block.length; i++) {
    length += (block[i] & 0x7f) * 2 ** (7 * i);
    if (block[i] < 0x80) return length;
  }
  throw new Error('snappy: broken length');
}

async function unsnap(block: Buffer, room: number): Promise<Buffer> {
  if (snappyLength(block) > room) throw new Error(`snappy: batch unpacks to more than ${MAX_BATCH_BYTES} bytes`);
  return (await snappy.uncompress(block, { asBuffer: true })) as Buffer;
}

const snappyCodec: Codec = {
  compress: async ({ buffer }) => {
    const header = Buffer.alloc(XERIAL_HEADER);
    xerialMagic.copy(header);
    header.writeUInt32BE(1, 8);
    header.writeUInt32BE(1, 12);
    const parts: Buffer[] = [header];
    for (let at = 0; at < buffer.length; at += XERIAL_BLOCK) {
      const packed = await snappy.compress(buffer.subarray(at, at + XERIAL_BLOCK));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(packed.length);
      parts.push(length, packed);
    }
    return Buffer.concat(parts);
  },
  decompress: async (buffer) => {
    if (!buffer.subarray(0, xerialMagic.length).equals(xerialMagic)) return unsnap(buffer, MAX_BATCH_BYTES);
    const parts: Buffer[] = [];
    let room = MAX_BATCH_BYTES;
    for (let at = XERIAL_HEADER; at < buffer.length; ) {
      if (at + 4 > buffer.length) throw new Error('snappy: cut block length');
      const end = at + 4 + buffer.readUInt32BE(at);
      if (end > buffer.length) throw new Error('snappy: cut block');
      const part = await unsnap(buffer.subarray(at + 4, end), room);
      room -= part.length;
      parts.push(part);
      at = end;
    }
    return Buffer.concat(parts);
  },
};

/** LZ4's own ratio of at most 255 is the bound here: a fetched batch is about a megabyte. */
const lz4Codec: Codec = {
  compress: (encoder) => compressFrame(encoder.buffer),
  decompress: (buffer) => decompressFrame(buffer),
};

/** Node has zstd from 22.15 on; what its version here lacks is not in the types. */
interface Zstd {
  zstdCompress?: (buffer: Buffer, done: (error: Error | null, result: Buffer) => void) => void;
  zstdDecompress?: (
    buffer: Buffer,
    options: { maxOutputLength: number },
    done: (error: Error | null, result: Buffer) => void,
  ) => void;
}

function unzstdInScript(buffer: Buffer): Buffer {
  const parts: Uint8Array[] = [];
  let size = 0;
  const stream = new Decompress((part) => {
    size += part.length;
    if (size > MAX_BATCH_BYTES) throw new Error(`zstd: batch unpacks to more than ${MAX_BATCH_BYTES} bytes`);
    parts.push(part);
  });
  stream.push(buffer, true);
  return Buffer.concat(parts);
}

const zstdCodec: Codec = {
  compress: (encoder) =>
    new Promise((resolve, reject) => {
      const { zstdCompress } = zlib as Zstd;
      if (!zstdCompress) reject(new Error('zstd: this Node version can read but not write it; 22.15 or newer can'));
      else zstdCompress(encoder.buffer, (error, result) => (error ? reject(error) : resolve(result)));
    }),
  decompress: (buffer) =>
    new Promise((resolve, reject) => {
      const { zstdDecompress } = zlib as Zstd;
      if (!zstdDecompress) resolve(unzstdInScript(buffer));
      else {
        const options = { maxOutputLength: MAX_BATCH_BYTES };
        zstdDecompress(buffer, options, (error, result) => (error ? reject(error) : resolve(result)));
      }
    }),
};

export const codecs = { gzip: gzipCodec, snappy: snappyCodec, lz4: lz4Codec, zstd: zstdCodec } as const;

/** Makes the codecs known to the Kafka client; the table is one per process and calling again changes nothing. */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.GZIP] = () => gzipCodec;
  CompressionCodecs[CompressionTypes.Snappy] = () => snappyCodec;
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4Codec;
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstdCodec;
}
