import type { KafkaMessage } from 'kafkajs';
import type { RawRecord } from '../../ports';

/** Records from `next` on; what lies before it was finished already. A null value (tombstone) is an empty record. */
export function toRecords(messages: readonly KafkaMessage[], next: number): RawRecord[] {
  const records: RawRecord[] = [];
  for (const message of messages) {
    const offset = Number(message.offset);
    if (offset < next) continue;
    const timestamp = Number(message.timestamp);
    records.push({
      offset,
      value: message.value ?? Buffer.alloc(0),
      timestamp: timestamp >= 0 ? timestamp : undefined,
    });
  }
  return records;
}
