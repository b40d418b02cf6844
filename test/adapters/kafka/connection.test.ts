import { logLevel } from 'kafkajs';
import { createKafkaClient, type KafkaLog } from '../../../src/adapters/kafka/connection';
import { explain } from '../../../src/adapters/kafka/faults';

const brokers = ['127.0.0.1:9092'];

describe('the Kafka client of a configuration', () => {
  it('wants the resolved password when SASL is configured', () => {
    const sasl = { mechanism: 'plain', username: 'u', passwordFrom: 'env:KAFKA_PASSWORD' } as const;
    expect(() => createKafkaClient({ brokers, clientId: 'k', sasl }, undefined, () => {})).toThrow('password');
  });

  it("passes the client's log on without its payloads, and its errors as warnings", () => {
    const lines: unknown[] = [];
    const log: KafkaLog = (level, message, fields) => lines.push({ level, message, fields });
    const logger = createKafkaClient({ brokers, clientId: 'k' }, undefined, log).logger();
    logger.setLogLevel(logLevel.DEBUG);
    logger.error('Connection error', {
      broker: 'b:1',
      stack: 'at x',
      payload: 'record text',
      error: new Error('reset'),
    });
    logger.info('Consumer has joined the group', { groupId: 'g', memberAssignment: {} });
    expect(lines).toEqual([
      { level: 'warn', message: 'Connection error', fields: { component: 'kafkajs', broker: 'b:1', error: 'reset' } },
      { level: 'debug', message: 'Consumer has joined the group', fields: { component: 'kafkajs', groupId: 'g' } },
    ]);
  });
});

describe('a fault of Kafka in words', () => {
  const named = (name: string, message: string, more: object = {}) =>
    Object.assign(new Error(message), { name, ...more });

  it.each([
    [named('KafkaJSProtocolError', 'no such', { type: 'UNKNOWN_TOPIC_OR_PARTITION' }), 'topic access does not exist'],
    [named('KafkaJSProtocolError', 'no', { type: 'GROUP_AUTHORIZATION_FAILED' }), 'not authorised (GROUP_'],
    [named('KafkaJSSASLAuthenticationError', 'bad credentials'), 'authentication failed: bad credentials'],
    [named('KafkaJSConnectionError', 'connect ECONNREFUSED 127.0.0.1:1'), 'broker unreachable: connect'],
    [named('KafkaJSConnectionError', 'self-signed certificate in certificate chain'), 'TLS failed: self-signed'],
    [new Error('disk full: certificate store'), 'disk full: certificate store'],
  ])('%s', (error, words) => {
    expect(explain(error, 'access').startsWith(words)).toBe(true);
    const wrapped = named('KafkaJSNumberOfRetriesExceeded', 'gave up', { cause: error });
    expect(explain(wrapped, 'access').startsWith(words)).toBe(true);
  });
});
