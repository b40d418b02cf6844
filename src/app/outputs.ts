import { systemClock } from '../adapters/clock';
import { createConsoleAlertSink } from '../adapters/console/alerts';
import { createElasticsearch, type Elasticsearch } from '../adapters/elasticsearch/client';
import { createElasticsearchSink } from '../adapters/elasticsearch/sink';
import { createAlertFile } from '../adapters/file/alert-file';
import { createDeadLetterFile } from '../adapters/file/dead-letter-file';
import { createRotatingFile } from '../adapters/file/rotating-file';
import { createKafkaClient, type KafkaConnection, type KafkaLog } from '../adapters/kafka/connection';
import { createKafkaAlertSink, createKafkaDeadLetterSink } from '../adapters/kafka/sink';
import { resolveSecret } from '../adapters/secrets';
import type { RejectDocument } from '../adapters/undelivered';
import type { Config } from '../config';
import type { ElasticsearchOutput } from '../config/elasticsearch';
import type { Terminal } from '../options';
import type { AlertSink, DeadLetterSink } from '../ports';
import { chatSinkOf, splunkSinkOf, syslogSinkOf, webhookSinkOf } from './outputs/siem';

/** A Kafka client with its password resolved. */
export function kafkaOf(connection: KafkaConnection, log: KafkaLog) {
  const password = connection.sasl === undefined ? undefined : resolveSecret(connection.sasl.passwordFrom);
  return createKafkaClient(connection, password, log);
}

/** A client of the cluster with its secrets resolved. */
export function elasticsearchOf(output: ElasticsearchOutput): Elasticsearch {
  const { apiKeyFrom, basic, nodes, tls, requestTimeout } = output;
  const connection = { nodes, tls, requestTimeout };
  if (apiKeyFrom !== undefined) {
    return createElasticsearch({ ...connection, credentials: { apiKey: resolveSecret(apiKeyFrom) } });
  }
  if (basic === undefined) return createElasticsearch(connection);
  const { username, passwordFrom } = basic;
  return createElasticsearch({ ...connection, credentials: { username, password: resolveSecret(passwordFrom) } });
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
      return createElasticsearchSink({
        elasticsearch: elasticsearchOf(output),
        host: new URL(output.nodes[0]).host,
        namespace: output.namespace,
        maxBatchBytes: output.maxBatchBytes,
        clock: systemClock,
        random: Math.random,
        onReject: reject,
      });
  }
}

export function deadLetterSinkOf(output: Config['deadLetters'][number], log: KafkaLog): DeadLetterSink {
  return output.kind === 'kafka'
    ? createKafkaDeadLetterSink({ kafka: kafkaOf(output, log), topic: output.topic })
    : createDeadLetterFile(output.path);
}
