import { createConsoleAlertSink } from '../adapters/console/alerts';
import { createAlertFile } from '../adapters/file/alert-file';
import { createDeadLetterFile } from '../adapters/file/dead-letter-file';
import { createKafkaClient, type KafkaConnection, type KafkaLog } from '../adapters/kafka/connection';
import { createKafkaAlertSink, createKafkaDeadLetterSink } from '../adapters/kafka/sink';
import { resolveSecret } from '../adapters/secrets';
import type { Config } from '../config';
import type { Terminal } from '../options';
import type { AlertSink, DeadLetterSink } from '../ports';

/** A Kafka client with its password resolved. */
export function kafkaOf(connection: KafkaConnection, log: KafkaLog) {
  const password = connection.sasl === undefined ? undefined : resolveSecret(connection.sasl.passwordFrom);
  return createKafkaClient(connection, password, log);
}

export function alertSinkOf(output: Config['alerts'][number], terminal: Terminal, log: KafkaLog): AlertSink {
  switch (output.kind) {
    case 'kafka':
      return createKafkaAlertSink({ kafka: kafkaOf(output, log), topic: output.topic });
    case 'file':
      return createAlertFile(output.path);
    case 'console':
      return createConsoleAlertSink({ stream: terminal.out, style: output.style, colour: terminal.colour.out });
  }
}

export function deadLetterSinkOf(output: Config['deadLetters'][number], log: KafkaLog): DeadLetterSink {
  return output.kind === 'kafka'
    ? createKafkaDeadLetterSink({ kafka: kafkaOf(output, log), topic: output.topic })
    : createDeadLetterFile(output.path);
}
