import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { Kafka, type KafkaConfig, logLevel, Partitioners, type Producer, type SASLOptions } from 'kafkajs';
import type { Config } from '../../config';
import { registerCodecs } from './codecs';

type KafkaSourceConfig = Extract<Config['source'], { kind: 'kafka' }>;

/** The part of a Kafka source or output that says how to reach the brokers. */
export type KafkaConnection = Pick<KafkaSourceConfig, 'brokers' | 'clientId' | 'tls' | 'sasl'>;

export type KafkaLogLevel = 'debug' | 'info' | 'warn' | 'error';
/** Where the adapter's and the client's log lines go. `fields` hold no record content and no secret. */
export type KafkaLog = (level: KafkaLogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void;

/** Stated in full: the client's defaults differ under `NODE_ENV=test`. Waits 0.3, 0.6, 1.2, 2.4, 4.8 s, then gives up. */
export const retryPolicy = { initialRetryTime: 300, maxRetryTime: 10_000, factor: 0.2, multiplier: 2, retries: 5 };

/** For connecting and metadata, below the tries of the source and sinks themselves: a fault must soon be told. */
const connectPolicy = { ...retryPolicy, retries: 2 };

const CONNECT_MS = 10_000;
const REQUEST_MS = 30_000;

/** How long the client waits, milliseconds, and how often it tries again. */
export interface ClientWaits {
  readonly connectMs: number;
  readonly requestMs: number;
  readonly retries: number;
}

const serviceWaits: ClientWaits = { connectMs: CONNECT_MS, requestMs: REQUEST_MS, retries: connectPolicy.retries };

/**
 * A client for the brokers of the configuration. Connects to nothing yet. Throws when a TLS file cannot be read (with
 * its path) or when SASL is configured without a password.
 * @param password the resolved `sasl.passwordFrom`; undefined without SASL
 */
export function createKafkaClient(
  connection: KafkaConnection,
  password: string | undefined,
  log: KafkaLog,
  waits: ClientWaits = serviceWaits,
): Kafka {
  registerCodecs();
  const config: KafkaConfig = {
    clientId: connection.clientId,
    brokers: [...connection.brokers],
    connectionTimeout: waits.connectMs,
    authenticationTimeout: waits.connectMs,
    requestTimeout: waits.requestMs,
    retry: { ...connectPolicy, retries: waits.retries },
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => forward(entry.level, entry.log, log),
  };
  const tls = connection.tls;
  if (tls?.enabled) config.ssl = tlsOptions(tls);
  if (connection.sasl) {
    if (password === undefined) throw new Error('kafka: sasl is configured but its password was not resolved');
    const { mechanism, username } = connection.sasl;
    config.sasl = { mechanism, username, password } as SASLOptions;
  }
  return new Kafka(config);
}

function tlsOptions(tls: NonNullable<KafkaConnection['tls']>): ConnectionOptions {
  const options: ConnectionOptions = {};
  if (tls.caFile) options.ca = [read('caFile', tls.caFile)];
  if (tls.certFile) options.cert = read('certFile', tls.certFile);
  if (tls.keyFile) options.key = read('keyFile', tls.keyFile);
  if (tls.serverName) options.servername = tls.serverName;
  return options;
}

function read(field: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`kafka: tls.${field}: cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'failed'}`);
  }
}

/**
 * A producer whose order is that of the sending. Not idempotent, because the client's retries such for ever; repetitions are
 * told by their keys and ids. The partitioner is that of Kafka's own clients.
 */
export const plainProducer = (kafka: Kafka): Producer =>
  kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: false,
    maxInFlightRequests: 1,
    retry: retryPolicy,
  });

/** Fields of the client's log entries that help an operator; all else (payloads, stacks, requests) is left out. */
const kept = ['broker', 'clientId', 'groupId', 'memberId', 'topic', 'partition', 'error', 'retryCount', 'retryTime'];

/**
 * The client logs as errors what it goes on to retry, such as a rebalance; what really failed is reported by whoever
 * called it. So its errors arrive as warnings and its information as debug lines.
 */
function forward(level: logLevel, entry: Readonly<Record<string, unknown>>, log: KafkaLog): void {
  const fields: Record<string, unknown> = { component: 'kafkajs' };
  for (const name of kept) {
    const value = entry[name];
    if (value !== undefined) fields[name] = value instanceof Error ? value.message : value;
  }
  log(level === logLevel.ERROR || level === logLevel.WARN ? 'warn' : 'debug', String(entry.message), fields);
}
