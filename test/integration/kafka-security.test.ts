import { createKafkaClient, type KafkaConnection } from '../../src/adapters/kafka/connection';
import { createKafkaAlertSink } from '../../src/adapters/kafka/sink';
import { recorder } from '../contracts/source';
import { alertDocument } from '../support/alerts';
import {
  describeOwnKafka,
  type KafkaBench,
  ownBroker,
  type SecureListeners,
  uniqueName,
  withKafka,
} from '../support/kafka';
import { eventually, kafkaSource, sources } from '../support/kafka-source';

describeOwnKafka('a Kafka that wants to know who asks', () => {
  let bench: KafkaBench;
  let secure: SecureListeners;
  const running = sources();
  beforeAll(async () => {
    const broker = await ownBroker();
    if (!broker.secure) throw new Error('the TLS listeners need openssl');
    secure = broker.secure;
    bench = await withKafka(broker.brokers);
  });
  afterEach(() => running.stopAll());
  afterAll(() => bench.close());

  type Mechanism = NonNullable<KafkaConnection['sasl']>['mechanism'];
  const withSasl = (mechanism: Mechanism, username: string) => ({
    brokers: [...secure.sasl],
    tls: { enabled: true, caFile: secure.certs.ca },
    sasl: { mechanism, username, passwordFrom: 'env:UNUSED' },
  });
  const withCertificate = () => ({
    brokers: [...secure.tls],
    tls: {
      enabled: true,
      caFile: secure.certs.ca,
      certFile: secure.certs.clientCert,
      keyFile: secure.certs.clientKey,
    },
  });

  const readsThrough = async (connection: Omit<KafkaConnection, 'clientId'>, password?: string) => {
    const topic = await bench.topic(1);
    const kafka = createKafkaClient({ ...connection, clientId: 'keywatch' }, password, () => {});
    const sink = createKafkaAlertSink({ kafka, topic });
    await sink.write([alertDocument({ id: 'a-1' })]);
    await sink.close();
    const handler = recorder();
    const settings = { topic, group: uniqueName('group') };
    const { source, lines } = kafkaSource(connection, password === undefined ? settings : { ...settings, password });
    const run = running.run(source, handler);
    await Promise.race([run, handler.until(() => handler.total() >= 1)]);
    expect(JSON.parse(handler.texts(0)[0]).event.id).toBe('a-1');
    return lines;
  };

  it('is read and written over TLS with a client certificate', async () => {
    await readsThrough(withCertificate());
  });

  it.each([
    ['plain', 'plain'],
    ['scram-sha-256', 'scram'],
    ['scram-sha-512', 'scram'],
  ] as const)(
    'is read and written with SASL %s over TLS, and the password is in no log line',
    async (mechanism, user) => {
      const lines = await readsThrough(withSasl(mechanism, secure.users[user]), secure.users.password);
      expect(lines.length).toBeGreaterThan(0);
      expect(JSON.stringify(lines)).not.toContain(secure.users.password);
    },
  );

  const problemOf = async (connection: Omit<KafkaConnection, 'clientId'>, password?: string) => {
    const settings = { topic: await bench.topic(1), group: uniqueName('group') };
    const { source, lines } = kafkaSource(connection, password === undefined ? settings : { ...settings, password });
    running.run(source, recorder());
    await eventually(() => source.problem() !== 'not connected yet');
    return { problem: source.problem(), lines };
  };

  it.each([
    ['plain', 'plain'],
    ['scram-sha-512', 'scram'],
  ] as const)('is waited for when it refuses the password of SASL %s, which stays secret', async (mechanism, user) => {
    const { problem, lines } = await problemOf(withSasl(mechanism, secure.users[user]), 'wrong-pass-4711');
    expect(problem).toContain('authentication failed');
    expect(JSON.stringify([problem, lines])).not.toContain('wrong-pass-4711');
  });

  it('is not believed when its certificate is of another authority', async () => {
    const { problem } = await problemOf({
      ...withCertificate(),
      tls: { ...withCertificate().tls, caFile: secure.certs.otherCa },
    });
    expect(problem).toContain('TLS failed');
  });

  it('is not read without the client certificate that it wants', async () => {
    const { problem } = await problemOf({ brokers: [...secure.tls], tls: { enabled: true, caFile: secure.certs.ca } });
    expect(problem).toMatch(/TLS failed|broker unreachable/);
  });

  it('is not connected to when a certificate file is missing: the path is named', () => {
    const tls = { enabled: true, caFile: '/nowhere/ca.pem' };
    const connect = () => createKafkaClient({ brokers: ['127.0.0.1:1'], clientId: 'k', tls }, undefined, () => {});
    expect(connect).toThrow('tls.caFile: cannot read /nowhere/ca.pem: ENOENT');
  });
});
