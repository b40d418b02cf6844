import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { murmur2, partitionOf } from '../../src/stats/murmur2';

describe('the partition of a key', () => {
  // Values of Kafka's own test of its function (UtilsTest.testMurmur2).
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('has the hash of Kafka for %s', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it('is the one that a producer chooses for a record with that key', () => {
    const choose = Partitioners.DefaultPartitioner();
    const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({ partitionId, leader: 0 }));
    const topic = 'log';
    const chosen = (key: string) =>
      choose({ topic, partitionMetadata: partitionMetadata as never, message: { key, value: '' } });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ minLength: 1 })), (key) => {
        expect(partitionOf(key, 12)).toBe(chosen(key));
      }),
      { numRuns: 500 },
    );
    expect(partitionOf('ä'.repeat(5_000), 12)).toBe(chosen('ä'.repeat(5_000)));
  });
});
