import type { KeyedRecord, KeyedTopic } from '../../src/adapters/kafka/keyed-topic';

/** A compacted topic in memory; what a broker may do to it at any time is done by hand. */
export interface MemoryTopic {
  /** A process's view of it. Its `fails` is asked before each append; `true` loses it, 'late' writes it and rejects. */
  open(fails?: () => boolean | 'late'): KeyedTopic;
  /** Keeps only the newest record of each key, as a broker may of all but what was written last. */
  compact(keepTombstones: boolean): void;
  records(partition: number): KeyedRecord[];
  change(partition: number, change: (records: KeyedRecord[]) => KeyedRecord[]): void;
}

export function memoryTopic(partitions = 4): MemoryTopic {
  const logs = Array.from({ length: partitions }, (): KeyedRecord[] => []);
  const ends = logs.map(() => 0);
  return {
    records: (partition) => logs[partition]!,
    change(partition, change) {
      logs[partition] = change(logs[partition]!);
    },
    compact(keepTombstones) {
      for (const [partition, log] of logs.entries()) {
        const newest = new Map(log.map(({ key, offset }) => [key, offset]));
        logs[partition] = log.filter(({ key, offset, value }) => {
          if (offset === ends[partition]! - 1) return true;
          return newest.get(key) === offset && (value !== null || keepTombstones);
        });
      }
    },
    open: (fails = () => false) => ({
      name: 'memory',
      partitions: async () => partitions,
      low: async (partition) => logs[partition]![0]?.offset ?? ends[partition]!,
      async append(partition, records) {
        const fate = fails();
        if (fate === true) throw new Error('lost');
        const first = ends[partition]!;
        for (const { key, value } of records)
          logs[partition]!.push({ offset: ends[partition]!++, key, value: value && Buffer.from(value) });
        if (fate === 'late') throw new Error('no answer');
        return first;
      },
      async read(partition, from, until, take) {
        for (const record of logs[partition]!.filter(({ offset }) => offset >= from && offset < until)) take(record);
      },
      close: async () => undefined,
    }),
  };
}
