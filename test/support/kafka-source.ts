import { createKafkaClient, type KafkaConnection, type KafkaLog } from '../../src/adapters/kafka/connection';
import { createKafkaSource } from '../../src/adapters/kafka/source';
import type { Source, SourceHandler } from '../../src/ports';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface SourceSettings {
  readonly topic: string;
  readonly group: string;
  readonly start?: string;
  readonly sessionTimeout?: number;
  readonly password?: string;
}

/** A Kafka source with a client of its own, and what it logged. */
export function kafkaSource(
  connection: Omit<KafkaConnection, 'clientId'>,
  { topic, group, start = 'earliest', sessionTimeout = 10_000, password }: SourceSettings,
): { source: Source; lines: LogLine[]; losses: () => number } {
  const lines: LogLine[] = [];
  let losses = 0;
  const lost = () => {
    losses += 1;
  };
  const log: KafkaLog = (level, message, fields) => lines.push({ level, message, fields });
  const kafka = createKafkaClient({ ...connection, clientId: 'keywatch' }, password, log);
  const source = createKafkaSource({ kafka, topic, group, start, sessionTimeout, log, lost });
  return { source, lines, losses: () => losses };
}

/** Resolves when the condition holds; jest's own limit ends a wait that is in vain. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Runs sources and stops them all when the test is over. */
export function sources(): { run(source: Source, handler: SourceHandler): Promise<void>; stopAll(): Promise<void> } {
  const running: { source: Source; run: Promise<void> }[] = [];
  return {
    run: (source, handler) => {
      const run = source.run(handler);
      run.catch(() => {});
      running.push({ source, run });
      return run;
    },
    stopAll: async () => {
      await Promise.all(running.splice(0).map(({ source }) => source.stop()));
    },
  };
}
