import { createConsoleAlertSink } from '../adapters/console/alerts';
import { createAlertFile } from '../adapters/file/alert-file';
import { createDeadLetterFile } from '../adapters/file/dead-letter-file';
import { createRotatingFile } from '../adapters/file/rotating-file';
import { createKafkaClient, type KafkaConnection, type KafkaLog } from '../adapters/kafka/connection';
import { createKafkaAlertSink, createKafkaDeadLetterSink } from '../adapters/kafka/sink';
import { resolveSecret } from '../adapters/secrets';
import type { RejectDocument } from '../adapters/undelivered';
import type { Config } from '../config';
import type { Terminal } from '../options';
import type { AlertSink, DeadLetterSink } from '../ports';
import { elasticsearchSinkOf } from './outputs/elasticsearch';
import { chatSinkOf, splunkSinkOf, syslogSinkOf, webhookSinkOf } from './outputs/siem';

/** A Kafka client with its password resolved. */
export function kafkaOf(connection: KafkaConnection, log: KafkaLog) {
  const password = connection.sasl === undefined ? undefined : resolveSecret(connection.sasl.passwordFrom);
  return createKafkaClient(connection, password, log);
}

/**
 * @param reject where an output puts a document that its receiver will never take
 * @param version of keywatch, for outputs that tell it
 */
export function alertSinkOf(
  output: Config['alerts'][number],
  terminal: Terminal,
  log: KafkaLog,
  reject: RejectDocument,
  version: string,
): AlertSink {
  switch (output.kind) {
    case 'kafka':
      return createKafkaAlertSink({ kafka: kafkaOf(output, log), topic: output.topic, format: output.format });
    case 'file':
      return output.rotate === undefined
        ? createAlertFile(output.path, output.format)
        : createRotatingFile({ path: output.path, format: output.format, ...output.rotate });
    case 'splunk':
      return splunkSinkOf(output, reject);
    case 'syslog':
      return syslogSinkOf(output, version);
    case 'webhook':
      return webhookSinkOf(output, reject);
    case 'chat':
      return chatSinkOf(output, reject);
    case 'console':
      return createConsoleAlertSink({ stream: terminal.out, style: output.style, colour: terminal.colour.out });
    case 'elasticsearch':
      return elasticsearchSinkOf(output, reject);
  }
}

export function deadLetterSinkOf(output: Config['deadLetters'][number], log: KafkaLog): DeadLetterSink {
  return output.kind === 'kafka'
    ? createKafkaDeadLetterSink({ kafka: kafkaOf(output, log), topic: output.topic })
    : createDeadLetterFile(output.path);
}
