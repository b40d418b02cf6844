import { join } from 'node:path';
import { createFileSource, type Gap } from '../adapters/file/source';
import { createStdinSource } from '../adapters/file/stdin';
import type { KafkaLog } from '../adapters/kafka/connection';
import { createKafkaSource } from '../adapters/kafka/source';
import type { Config } from '../config';
import type { Source } from '../ports';
import { kafkaOf } from './outputs';

/** The configured source. Connects to nothing yet. `onGap` has no gap where the broker's log line tells of it. */
export function sourceOf(config: Config, log: KafkaLog, onGap: (gap?: Gap) => void): Source {
  const { source, ingest, state } = config;
  switch (source.kind) {
    case 'kafka':
      return createKafkaSource({ ...source, kafka: kafkaOf(source, log), log, lost: onGap });
    case 'file':
      return createFileSource({
        ...source,
        stateDir: join(state.dir, 'source'),
        maxLineBytes: ingest.maxRecordBytes,
        onGap,
      });
    case 'stdin':
      return createStdinSource({ stream: process.stdin, maxLineBytes: ingest.maxRecordBytes });
  }
}
