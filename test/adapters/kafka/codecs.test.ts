import fc from 'fast-check';
import * as snappy from 'snappy';
import { codecs, MAX_BATCH_BYTES } from '../../../src/adapters/kafka/codecs';

const text = Buffer.from('keywatch reads what the gateway wrote. '.repeat(20));

/** `text` as zstd's library (level 3) writes it in one go, and as a stream, which is what Kafka's Java client does. */
const zstdFrames = {
  'with the size in its head': 'KLUv/WAMAoUBAHQCa2V5d2F0Y2ggcmVhZHMgd2hhdCB0aGUgZ2F0ZXdheSB3cm90ZS4gAQAXpyr1BA==',
  'without the size, as a stream': 'KLUv/QBYhQEAdAJrZXl3YXRjaCByZWFkcyB3aGF0IHRoZSBnYXRld2F5IHdyb3RlLiABABenKvUE',
};

describe('compression of record batches', () => {
  const written = ['gzip', 'snappy', 'lz4'] as const;

  it.each(written)('%s gives back what it packed', async (name) => {
    const bytes = fc.uint8Array({ maxLength: 200_000, size: 'max' }).map((array) => Buffer.from(array));
    const property = fc.asyncProperty(bytes, async (buffer) => {
      const packed = await codecs[name].compress({ buffer });
      expect(buffer.equals(await codecs[name].decompress(packed))).toBe(true);
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it.each(written)('%s refuses bytes that it did not write, and packed bytes that were cut', async (name) => {
    await expect(codecs[name].decompress(Buffer.from('not compressed at all, by nobody'))).rejects.toThrow();
    const packed = await codecs[name].compress({ buffer: text });
    await expect(codecs[name].decompress(packed.subarray(0, packed.length - 5))).rejects.toThrow();
  });

  it('snappy reads one raw block, as clients other than Java write it', async () => {
    const raw = (await snappy.compress(text)) as Buffer;
    expect((await codecs.snappy.decompress(raw)).equals(text)).toBe(true);
  });

  it('snappy writes the framed form of more than one block', async () => {
    const large = Buffer.alloc(100_000, 'abc');
    const packed = await codecs.snappy.compress({ buffer: large });
    expect(packed.subarray(1, 7).toString('latin1')).toBe('SNAPPY');
    expect((await codecs.snappy.decompress(packed)).equals(large)).toBe(true);
  });

  it('snappy refuses a block that claims to unpack to more than the limit, without unpacking it', async () => {
    const claim = [];
    for (let rest = MAX_BATCH_BYTES + 1; rest > 0; rest = Math.floor(rest / 128)) claim.push((rest % 128) | 0x80);
    claim[claim.length - 1] &= 0x7f;
    await expect(codecs.snappy.decompress(Buffer.from([...claim, 0, 0]))).rejects.toThrow('more than');
  });

  it.each(Object.entries(zstdFrames))('zstd reads a frame %s', async (_, frame) => {
    expect((await codecs.zstd.decompress(Buffer.from(frame, 'base64'))).equals(text)).toBe(true);
  });

  it('zstd refuses a cut frame', async () => {
    const frame = Buffer.from(zstdFrames['with the size in its head'], 'base64');
    await expect(codecs.zstd.decompress(frame.subarray(0, frame.length - 8))).rejects.toThrow();
  });
});
