import { sealed } from '../../src/adapters/inventory/seal';
import { createNoTelemetry } from '../../src/adapters/no-telemetry';
import { keyFacts } from '../../src/domain/inventory';
import { createPacker } from '../../src/ingest/pack';
import { decodeLogRecord } from '../../src/ingest/unpack';
import { Runtime, type RuntimeParts } from '../../src/runtime';
import { partitionOf } from '../../src/stats/murmur2';
import { anEvent, T0, testEngine } from '../support/events';

const PARTITIONS = 4;
const inventory = sealed([keyFacts.parse({ key: 'k1' })], []);

/** One partition over a log that lies in memory; what is appended is read by `read`. */
async function started() {
  const log: Buffer[] = [];
  const appended: number[] = [];
  const letters: string[] = [];
  const engine = testEngine();
  const parts = {
    source: 'kafka:log',
    ingest: { ingest: () => [], format: () => '' },
    enrich: (event) => event,
    log: {
      partitions: PARTITIONS,
      telemetry: { repeated: () => undefined, waiting: () => undefined },
      append: async (partition: number, record: Buffer) => {
        appended.push(partition);
        log.push(record);
      },
    },
    engineFor: () => engine,
    checkpoints: { load: async () => undefined, save: async () => undefined },
    journal: {
      load: async () => [],
      append: () => Promise.reject(new Error('the journal stays empty')),
      prune: async () => undefined,
    } as unknown as RuntimeParts['journal'],
    inventories: { load: async () => inventory, save: async () => undefined },
    effects: {
      alerts: async () => undefined,
      requests: async () => undefined,
      deadLetters: async (more) => void letters.push(...more.map(({ detail }) => detail)),
    },
    clock: { now: () => T0, sleep: async () => undefined },
    telemetry: createNoTelemetry(),
    checkpointEveryMs: 1e9,
    checkpointEveryRecords: 1e9,
    warn: () => undefined,
  } satisfies RuntimeParts as RuntimeParts;
  const runtime = new Runtime(parts);
  await runtime.assigned(0, { next: 0, cursor: '' });
  let read = 0;
  return {
    runtime,
    engine,
    log,
    appended,
    letters,
    async read() {
      const records = log.slice(read).map((value, i) => ({ offset: read + i, value, timestamp: T0 }));
      read = log.length;
      await runtime.slice({ partition: 0, records, cursor: '', start: '', lag: 0 });
    },
  };
}

function packOf(offset: number, partitions = PARTITIONS): Buffer {
  const packer = createPacker(partitions);
  packer.add(anEvent(), offset, 0, T0);
  return packer.take({ generation: 1, partition: 0 });
}

describe('a partition over the internal log', () => {
  it('takes an inventory where it lies in the log, and asks for it once', async () => {
    const { runtime, engine, log, appended, read } = await started();
    runtime.declare(inventory.digest);
    log.push(packOf(0));
    await read();
    expect(appended).toEqual([0]);
    expect(engine.inventoryDigest).toBe('');
    log.push(packOf(1));
    await read();
    expect(engine.inventoryDigest).toBe(inventory.digest);
    await read();
    expect(appended).toEqual([0]);
  });

  it('writes a command about a key to the partition of the key, whoever has that', async () => {
    const { runtime, appended, log } = await started();
    const key = ['a', 'b', 'c', 'd', 'e', 'f'].find((name) => partitionOf(name, PARTITIONS) !== 0)!;
    const command = { type: 'expect', key, facets: ['volume'], until: T0, by: 'somebody' } as const;
    expect(await runtime.command({ ...command, facets: ['volume'] })).toBe(1);
    expect(appended).toEqual([partitionOf(key, PARTITIONS)]);
    expect(decodeLogRecord(log[0])).toEqual({ kind: 'command', command });
  });

  it('makes a dead letter of a record that is none of keywatch, and goes on', async () => {
    const { engine, log, letters, read } = await started();
    log.push(Buffer.from('{"key":"k1"}'), packOf(0));
    await read();
    expect(letters).toEqual(['not a record of the internal log: unknown beginning']);
    expect(engine.keys).toBe(1);
  });

  it('stops at a pack that was made for another number of partitions', async () => {
    const { log, read } = await started();
    log.push(packOf(0, 6));
    await expect(read()).rejects.toThrow('written for 6 partitions and has 4');
  });
});
