import fc from 'fast-check';
import { PAGE_BYTES } from '../../../src/adapters/kafka/checkpoint-pages';
import { createKafkaCheckpointStore } from '../../../src/adapters/kafka/checkpoints';
import type { Checkpoint } from '../../../src/ports';
import { checkpointStoreContract } from '../../contracts/checkpoint-store';
import { memoryTopic } from '../../support/memory-topic';

const quiet = () => undefined;

describe('checkpoints in a compacted topic', () => {
  checkpointStoreContract(async () => {
    const topic = memoryTopic();
    return { open: () => createKafkaCheckpointStore(topic.open(), '0', quiet), close: async () => undefined };
  });

  /** Three pages, the last one short; every byte tells the state. */
  const state = (next: number): Checkpoint => {
    const bytes = Buffer.alloc(2 * PAGE_BYTES + 100, next % 256);
    return { next, pieces: [bytes.subarray(0, 70_000), bytes.subarray(70_000)] };
  };
  const whole = ({ pieces }: Checkpoint) => Buffer.concat(pieces);

  function opened() {
    const topic = memoryTopic(2);
    const told: string[] = [];
    const open = (fails?: () => boolean | 'late') =>
      createKafkaCheckpointStore(topic.open(fails), '1.2.3', (_, text) => told.push(text));
    return { topic, told, open };
  }
  const keysIn = (records: readonly { key: string; value: Buffer | null }[]) => {
    const present = new Map(records.map(({ key, value }) => [key, value]));
    return [...present].filter(([, value]) => value !== null).map(([key]) => key);
  };

  test('after each save the pages of this checkpoint and the one before are left, whoever wrote them', async () => {
    const { topic, open } = opened();
    for (let next = 1; next <= 6; next++) {
      const store = open();
      await store.load(0);
      await store.save(0, state(next));
      if (next % 2 === 0) await store.save(0, state(next));
      const kept = keysIn(topic.records(0)).filter((key) => key !== '0/mark');
      expect(kept).toHaveLength(next === 1 ? 4 : 8);
    }
  });

  test('what a crash left unfinished is passed over, and deleted after the next checkpoint', async () => {
    const { topic, open } = opened();
    await open().save(0, state(1));
    let left = 1;
    await expect(open(() => left-- <= 0).save(0, state(2))).rejects.toThrow('lost');
    const store = open();
    expect(Buffer.compare((await store.load(0))!, whole(state(1)))).toBe(0);
    await store.save(0, state(3));
    expect(keysIn(topic.records(0)).filter((key) => key.startsWith('0/2-'))).toEqual([]);
    expect(Buffer.compare((await open().load(0))!, whole(state(3)))).toBe(0);
  });

  test('a page that is missing, changed, cut or of another checkpoint: the one before is used, and that is told', async () => {
    const page = (key: string) => /^0\/2-\w+\/1$/.test(key);
    const damages: Parameters<ReturnType<typeof memoryTopic>['change']>[1][] = [
      (records) => records.filter(({ key }) => !page(key)),
      (records) =>
        records.map((record) => {
          if (page(record.key)) record.value![PAGE_BYTES - 1]! ^= 1;
          return record;
        }),
      (records) => records.map((r) => (page(r.key) ? { ...r, value: r.value!.subarray(1) } : r)),
      (records) => records.map((r) => (page(r.key) ? { ...r, value: records[0]!.value } : r)),
    ];
    for (const damage of damages) {
      const { topic, told, open } = opened();
      const writer = open();
      await writer.save(0, state(1));
      await writer.save(0, state(2));
      topic.change(0, damage);
      const store = open();
      expect(Buffer.compare((await store.load(0))!, whole(state(1)))).toBe(0);
      expect(told).toEqual(['a checkpoint is not whole; the one before it is used']);
      await store.save(0, state(3));
      expect(Buffer.compare((await open().load(0))!, whole(state(3)))).toBe(0);
    }
  });

  test('says so when none is whole, and does not pretend that there was none', async () => {
    const { topic, open } = opened();
    await open().save(0, state(1));
    topic.change(0, (records) => records.filter(({ key }) => !key.endsWith('/2')));
    await expect(open().load(0)).rejects.toThrow(/no whole checkpoint of partition 0.*1 of its 3 pages.*learn afresh/);
  });

  test('a late writer that lost the partition neither hides nor deletes the checkpoint of the new one', async () => {
    const { open } = opened();
    const [late, mine] = [open(), open()];
    await late.save(0, state(1));
    await mine.load(0);
    await mine.save(0, state(9));
    await late.save(0, state(2));
    expect(Buffer.compare((await open().load(0))!, whole(state(9)))).toBe(0);
    await mine.save(0, state(10));
    await late.save(0, state(3));
    expect(Buffer.compare((await open().load(0))!, whole(state(10)))).toBe(0);
  });

  test('law: whatever appends fail, processes die and the broker compacts, the newest finished state comes back', async () => {
    const step = fc.record({
      partition: fc.integer({ min: 0, max: 2 }),
      /** The append of this save that fails; 0 to 2 are its pages, manifest and deletions. */
      failsAt: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
      late: fc.boolean(),
      compact: fc.option(fc.boolean(), { nil: undefined }),
      restarts: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const { topic, open } = opened();
        /** By partition: the last state whose save resolved, and those after it that may be whole all the same. */
        const saved = new Map<number, { certain: number | undefined; perhaps: number[] }>();
        let count = 0;
        let fate: { at: number; late: boolean } | undefined;
        const fails = () => {
          if (fate === undefined || fate.at-- !== 0) return false;
          return fate.late ? 'late' : true;
        };
        let store = open(fails);
        for (const { partition, failsAt, late, compact, restarts } of steps) {
          if (restarts) {
            store = open(fails);
            fate = undefined;
            await store.load(partition);
          }
          fate = failsAt === undefined ? undefined : { at: failsAt, late };
          const next = ++count;
          const before = saved.get(partition) ?? { certain: undefined, perhaps: [] };
          const resolved = await store.save(partition, state(next)).then(
            () => true,
            () => false,
          );
          fate = undefined;
          if (resolved) saved.set(partition, { certain: next, perhaps: [] });
          else saved.set(partition, { ...before, perhaps: late ? [...before.perhaps, next] : before.perhaps });
          if (compact !== undefined) topic.compact(compact);
        }
        for (const [partition, { certain, perhaps }] of saved) {
          const loaded = await open().load(partition);
          const found = loaded === undefined ? undefined : loaded[0];
          expect([certain, ...perhaps]).toContain(found);
          if (found !== undefined) expect(Buffer.compare(loaded!, whole(state(found)))).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });
});
