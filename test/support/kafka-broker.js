#!/usr/bin/env node

/**
 * Starts one Apache Kafka node (KRaft) for tests and benchmarks, from Maven Central's jars alone.
 *
 *   node test/support/kafka-broker.js
 *
 * prints `KAFKA_BROKERS=127.0.0.1:PORT` on stdout once it accepts connections and runs until SIGTERM or SIGINT, which
 * stop the broker and remove its data. Needs Java 17+ and Maven (for the first fetch only), and openssl for the TLS and
 * SASL listeners. Exit codes: 0 stopped as told, 1 the broker did not start or died, 3 it cannot run on this machine.
 *
 *   --fetch-only        only fill the class path cache (.cache/kafka-VERSION)
 *   --ready-file FILE   write what was started as JSON when it is ready
 *   --watch-pid PID     stop when that process is gone
 *   --respawn MS        start the broker again, on the same ports and data, this long after it died
 */
const { spawn, spawnSync, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');

const VERSION = '4.3.1';
const cache = path.join(__dirname, '..', '..', '.cache', `kafka-${VERSION}`);
const READY_MS = 60_000;

/** Test credentials of the SASL listener; they guard nothing. */
const users = { plain: 'plain-user', scram: 'scram-user', password: 'test-password' };

class Unavailable extends Error {}

function requireJava() {
  const result = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const major = Number(/version "(\d+)/.exec(`${result.stderr}${result.stdout}`)?.[1] ?? 0);
  if (result.error || major < 17) throw new Unavailable('Java 17 or newer is not installed');
}

const artifact = (name) =>
  `<dependency><groupId>org.apache.kafka</groupId><artifactId>${name}</artifactId><version>${VERSION}</version></dependency>`;

/** Fills the cache with Kafka's jars. A fetch lands whole or not at all: several processes may try at once. */
function fetchJars() {
  if (fs.existsSync(path.join(cache, 'complete'))) return;
  if (spawnSync('mvn', ['--version'], { stdio: 'ignore' }).error) throw new Unavailable('Maven is not installed');
  fs.mkdirSync(path.dirname(cache), { recursive: true });
  const building = fs.mkdtempSync(`${cache}-`);
  try {
    const pom = path.join(building, 'pom.xml');
    fs.writeFileSync(
      pom,
      `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>keywatch.test</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${artifact('kafka_2.13')}${artifact('kafka-tools')}</dependencies></project>`,
    );
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${building}`, '-DincludeScope=runtime'];
    const result = spawnSync('mvn', ['-q', '-B', '-f', pom, ...goal], { encoding: 'utf8', timeout: 300_000 });
    if (result.status !== 0) {
      const reason = `${result.stdout}`.split('\n').find((line) => line.includes('ERROR')) ?? 'mvn failed';
      throw new Unavailable(`Kafka's jars could not be fetched: ${reason.slice(0, 300)}`);
    }
    fs.writeFileSync(path.join(building, 'complete'), '');
    // Two fetches may end at once: the first rename wins, the other finds the place taken.
    if (!fs.existsSync(path.join(cache, 'complete'))) {
      fs.rmSync(cache, { recursive: true, force: true });
      fs.renameSync(building, cache);
    }
  } catch (error) {
    if (!fs.existsSync(path.join(cache, 'complete'))) throw error;
  } finally {
    fs.rmSync(building, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A CA, a broker and a client certificate, valid for two days; undefined without openssl. */
function certificates(dir) {
  if (spawnSync('openssl', ['version'], { stdio: 'ignore' }).error) return undefined;
  const file = (name) => path.join(dir, name);
  const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = (name) =>
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      file(`${name}.key`),
      '-out',
      file(`${name}.pem`),
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
    );
  ca('ca');
  ca('other-ca');
  fs.writeFileSync(file('san'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  for (const [name, extra] of [
    ['broker', ['-extfile', file('san')]],
    ['client', []],
  ]) {
    openssl('req', ...key, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`), '-subj', `/CN=${name}`);
    const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', file(`${name}.csr`), ...signed, '-out', file(`${name}.pem`), ...extra);
  }
  fs.writeFileSync(file('broker-all.pem'), fs.readFileSync(file('broker.key')) + fs.readFileSync(file('broker.pem')));
  return {
    ca: file('ca.pem'),
    otherCa: file('other-ca.pem'),
    clientCert: file('client.pem'),
    clientKey: file('client.key'),
    brokerStore: file('broker-all.pem'),
  };
}

function properties(dir, ports, certs) {
  const login = 'org.apache.kafka.common.security';
  const lines = [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${ports.controller}`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAIN',
    `log.dirs=${path.join(dir, 'data')}`,
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    'auto.create.topics.enable=false',
    'log.retention.check.interval.ms=1000',
  ];
  const listeners = [`PLAIN://127.0.0.1:${ports.plain}`];
  const protocols = ['PLAIN:PLAINTEXT', 'CONTROLLER:PLAINTEXT'];
  if (certs) {
    listeners.push(`TLS://127.0.0.1:${ports.tls}`, `SASL://127.0.0.1:${ports.sasl}`);
    protocols.push('TLS:SSL', 'SASL:SASL_SSL');
    lines.push(
      'ssl.keystore.type=PEM',
      `ssl.keystore.location=${certs.brokerStore}`,
      'ssl.truststore.type=PEM',
      `ssl.truststore.location=${certs.ca}`,
      'listener.name.tls.ssl.client.auth=required',
      'listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      `listener.name.sasl.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_${users.plain}="${users.password}";`,
      `listener.name.sasl.scram-sha-256.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
      `listener.name.sasl.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
    );
  }
  lines.push(
    `listeners=${listeners.join(',')},CONTROLLER://127.0.0.1:${ports.controller}`,
    `advertised.listeners=${listeners.join(',')}`,
    `listener.security.protocol.map=${protocols.join(',')}`,
  );
  return `${lines.join('\n')}\n`;
}

const classPath = path.join(cache, '*');

function format(dir, config) {
  const scram = (bits) => ['--add-scram', `SCRAM-SHA-${bits}=[name=${users.scram},password=${users.password}]`];
  const args = [
    'kafka.tools.StorageTool',
    'format',
    '-t',
    'a2V5d2F0Y2gtdGVzdC0xMQ',
    '-c',
    config,
    ...scram(256),
    ...scram(512),
  ];
  const result = spawnSync('java', ['-XX:TieredStopAtLevel=1', '-cp', classPath, ...args], {
    encoding: 'utf8',
    cwd: dir,
  });
  if (result.status !== 0) throw new Error(`storage format failed: ${result.stdout}${result.stderr}`.slice(0, 2_000));
}

const answers = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const end = (result) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      'fetch-only': { type: 'boolean' },
      'ready-file': { type: 'string' },
      'watch-pid': { type: 'string' },
      respawn: { type: 'string' },
    },
  });
  requireJava();
  fetchJars();
  if (values['fetch-only']) return;

  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'keywatch-kafka-'));
  let broker;
  let stopping = false;
  const end = (code) => {
    if (stopping) return;
    stopping = true;
    const leave = () => {
      fs.rmSync(dir, { recursive: true, force: true });
      process.exit(code);
    };
    if (!broker || broker.exitCode !== null || broker.signalCode !== null) return leave();
    broker.once('exit', leave);
    // The data is thrown away: an orderly shutdown would only cost time.
    broker.kill('SIGKILL');
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => end(0));
  if (values['watch-pid']) {
    const pid = Number(values['watch-pid']);
    setInterval(() => alive(pid) || end(0), 500);
  }
  try {
    const [plain, tls, sasl, controller] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    const ports = { plain, tls, sasl, controller };
    const certs = certificates(dir);
    const config = path.join(dir, 'server.properties');
    fs.writeFileSync(config, properties(dir, ports, certs));
    format(dir, config);

    const heap = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const start = () => {
      broker = spawn('java', [...heap, '-cp', classPath, 'kafka.Kafka', config], { cwd: dir, stdio: 'ignore' });
      broker.once('exit', () => {
        if (stopping) return;
        if (values.respawn) setTimeout(() => stopping || start(), Number(values.respawn));
        else end(1);
      });
    };
    start();
    const deadline = Date.now() + READY_MS;
    for (const port of certs ? [plain, tls, sasl] : [plain]) {
      while (!(await answers(port))) {
        if (stopping) return;
        if (Date.now() > deadline)
          throw new Error(`the broker does not accept connections after ${READY_MS / 1_000} s`);
        await pause(50);
      }
    }
    const local = (port) => `127.0.0.1:${port}`;
    const started = {
      brokers: [local(plain)],
      pid: broker.pid,
      supervisor: process.pid,
      classPath,
      secure: certs && { tls: [local(tls)], sasl: [local(sasl)], users, certs },
    };
    if (values['ready-file']) {
      fs.writeFileSync(`${values['ready-file']}.tmp`, JSON.stringify(started));
      fs.renameSync(`${values['ready-file']}.tmp`, values['ready-file']);
    }
    process.stdout.write(`KAFKA_BROKERS=${local(plain)}\n`);
  } catch (error) {
    process.stderr.write(`kafka-broker: ${error.message}\n`);
    end(1);
  }
}

main().catch((error) => {
  process.stderr.write(`kafka-broker: ${error.message}\n`);
  process.exit(error instanceof Unavailable ? 3 : 1);
});
