import type { DeadLetter } from '../../src/domain/rejection';
import { createIngest } from '../../src/ingest/ingest';
import { decodeLogRecord } from '../../src/ingest/unpack';
import type { RawRecord } from '../../src/ports';
import { type Addressed, createRepartition, type RepartitionParts } from '../../src/runtime/repartition';
import { partitionOf } from '../../src/stats/murmur2';
import { countingTelemetry } from '../support/time';

const PARTITIONS = 4;
const ingest = createIngest({ format: 'keywatch', keyIs: 'id', trustedProxies: [], maxRecordBytes: 10_000 });
const line = (key: string, n: number) => JSON.stringify({ ts: 1_767_571_200_000 + n, key, path: `/v1/${n}` });
const record = (offset: number, text: string): RawRecord => ({ offset, value: Buffer.from(text), timestamp: 7 });
const slice = (records: readonly RawRecord[]) => ({ partition: 2, records, cursor: '', start: '', lag: 5 });

function started(over: Partial<RepartitionParts> = {}) {
  const written: Addressed[] = [];
  const letters: DeadLetter[] = [];
  const telemetry = countingTelemetry();
  const handler = createRepartition({
    source: 'kafka:usage',
    ingest,
    enrich: (event) => ({ ...event, country: 'DE' }),
    partitions: PARTITIONS,
    generation: 9,
    write: async (records) => void written.push(...records),
    deadLetters: async (more) => void letters.push(...more),
    telemetry,
    ...over,
  });
  return { handler, written, letters, telemetry };
}

describe('the Ingest half', () => {
  it('puts each event, with its place, into the partition of its key and in the order of the source', async () => {
    const { handler, written } = started();
    const keys = ['k1', 'k2', 'k3', 'k4', 'k5'];
    const records = Array.from({ length: 60 }, (_, i) => record(100 + i, line(keys[i % 5], i)));
    // Two requests in one record.
    records.push(record(160, `${line('k1', 60)}\n${line('k2', 61)}`));
    await handler.slice(slice(records));
    const found = new Map<string, string[]>();
    for (const { partition, value } of written) {
      const pack = decodeLogRecord(value);
      if (pack.kind !== 'pack') throw new Error('no pack');
      expect(pack.origin).toEqual({ generation: 9, partition: 2 });
      expect(pack.partitions).toBe(PARTITIONS);
      for (const { event, offset, index, timestamp } of pack.events) {
        expect(partition).toBe(partitionOf(event.key, PARTITIONS));
        expect([event.country, timestamp]).toEqual(['DE', 7]);
        found.set(event.key, [...(found.get(event.key) ?? []), `${offset}/${index}`]);
      }
    }
    expect(found.get('k1')).toEqual([...Array.from({ length: 12 }, (_, i) => `${100 + i * 5}/0`), '160/0']);
    expect(found.get('k2')?.at(-1)).toBe('160/1');
    expect([...found.values()].flat()).toHaveLength(62);
  });

  it('resolves a slice, which is then committed, only when its packs are durable', async () => {
    let durable = () => {};
    const { handler } = started({ write: () => new Promise((resolve) => (durable = resolve)) });
    let done = false;
    const taken = handler.slice(slice([record(0, line('k1', 0))])).then(() => {
      done = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(false);
    durable();
    await taken;
  });

  it('rejects a slice whose packs may not be there', async () => {
    const { handler } = started({ write: () => Promise.reject(new Error('not enough replicas')) });
    await expect(handler.slice(slice([record(0, line('k1', 0))]))).rejects.toThrow('not enough replicas');
  });

  it('makes a dead letter of what it cannot read, and goes on', async () => {
    const { handler, written, letters, telemetry } = started();
    await handler.slice(slice([record(3, 'no record'), record(4, line('k1', 0))]));
    expect(letters).toMatchObject([{ source: 'kafka:usage', position: { partition: 2, offset: 3, index: 0 } }]);
    expect(written).toHaveLength(1);
    expect(telemetry.calls.filter(({ name }) => name === 'rejected')).toHaveLength(1);
  });
});
