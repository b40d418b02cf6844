#!/usr/bin/env node

/**
 * Starts one Elasticsearch node for tests, from Maven Central's jars alone: the server and its HTTP transport, without
 * the modules of the default distribution (no security, no ingest processors, no `PUT _data_stream`, no ILM).
 *
 *   node test/support/elasticsearch-node.js
 *
 * prints `ELASTICSEARCH_URL=http://127.0.0.1:PORT` on stdout once it answers and runs until SIGTERM or SIGINT, which
 * kill the node and remove its data. Needs a JDK 17+ and Maven (for the first fetch only). Exit codes: 0 stopped as
 * told, 1 the node did not start or died, 3 it cannot run on this machine.
 *
 *   --fetch-only        only fill the cache (.cache/elasticsearch-VERSION)
 *   --ready-file FILE   write what was started as JSON when it is ready
 *   --watch-pid PID     stop when that process is gone
 */
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');

const VERSION = '8.19.21';
const cache = path.join(__dirname, '..', '..', '.cache', `elasticsearch-${VERSION}`);
const READY_MS = 90_000;

/** Small limits, so that tests can reach them: 413 from 1 MiB a request, 429 from 900 KiB in flight. */
const limits = { 'http.max_content_length': '1mb', 'indexing_pressure.memory.limit': '900kb' };

class Unavailable extends Error {}

function requireTools() {
  const result = spawnSync('javac', ['-version'], { encoding: 'utf8' });
  const major = Number(/javac (\d+)/.exec(`${result.stdout}${result.stderr}`)?.[1] ?? 0);
  if (result.error || major < 17) throw new Unavailable('a JDK 17 or newer is not installed');
}

const dependency = (group, name) =>
  `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${VERSION}</version></dependency>`;

const run = (program, args, what, options = {}) => {
  const result = spawnSync(program, args, { encoding: 'utf8', timeout: 300_000, ...options });
  if (result.status === 0) return result.stdout;
  const reason = `${result.stdout}${result.stderr}`.split('\n').find((line) => /error/i.test(line)) ?? 'it failed';
  throw new Unavailable(`${what}: ${reason.slice(0, 300)}`);
};

/** Jars into `lib`, the HTTP transport into `modules`, our main into `classes`; whole or not at all. */
function fill() {
  if (fs.existsSync(path.join(cache, 'complete'))) return;
  if (spawnSync('mvn', ['--version'], { stdio: 'ignore' }).error) throw new Unavailable('Maven is not installed');
  fs.mkdirSync(path.dirname(cache), { recursive: true });
  const building = fs.mkdtempSync(`${cache}-`);
  const inside = (...names) => path.join(building, ...names);
  try {
    fs.writeFileSync(
      inside('pom.xml'),
      `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>keywatch.test</groupId><artifactId>elasticsearch</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependency('org.elasticsearch', 'elasticsearch')}${dependency('org.elasticsearch.plugin', 'transport-netty4')}</dependencies></project>`,
    );
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${inside('lib')}`, '-DincludeScope=runtime'];
    run('mvn', ['-q', '-B', '-f', inside('pom.xml'), ...goal], "Elasticsearch's jars could not be fetched");
    const module = inside('modules', 'transport-netty4');
    fs.mkdirSync(module, { recursive: true });
    for (const jar of fs.readdirSync(inside('lib')).filter((name) => name.includes('netty'))) {
      fs.renameSync(inside('lib', jar), path.join(module, jar));
    }
    const entry = 'META-INF/es-plugins/transport-netty4/plugin-descriptor.properties';
    const transport = path.join(module, `transport-netty4-${VERSION}.jar`);
    run('jar', ['xf', transport, entry], 'the transport cannot be unpacked', { cwd: building });
    const descriptor = fs.readFileSync(inside(entry), 'utf8').replace(/^modulename=.*$/m, '');
    fs.writeFileSync(path.join(module, 'plugin-descriptor.properties'), descriptor);
    const source = path.join(__dirname, 'SearchNode.java');
    run('javac', ['-cp', inside('lib', '*'), '-d', inside('classes'), source], 'SearchNode.java does not compile');
    fs.writeFileSync(inside('complete'), '');
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
    },
  });
  requireTools();
  fill();
  if (values['fetch-only']) return;

  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'keywatch-elasticsearch-'));
  let node;
  let stopping = false;
  const end = (code) => {
    if (stopping) return;
    stopping = true;
    const leave = () => {
      fs.rmSync(dir, { recursive: true, force: true });
      process.exit(code);
    };
    if (!node || node.exitCode !== null || node.signalCode !== null) return leave();
    node.once('exit', leave);
    // The data is thrown away: an orderly shutdown would only cost time.
    node.kill('SIGKILL');
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => end(0));
  if (values['watch-pid']) setInterval(() => alive(Number(values['watch-pid'])) || end(0), 500);
  try {
    const port = await freePort();
    const settings = {
      'discovery.type': 'single-node',
      'network.host': '127.0.0.1',
      'http.port': port,
      'transport.port': 0,
      'cluster.routing.allocation.disk.threshold_enabled': false,
      ...limits,
    };
    const log = fs.openSync(path.join(dir, 'node.log'), 'a');
    const jvm = ['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const classPath = `${path.join(cache, 'classes')}:${path.join(cache, 'lib', '*')}`;
    const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    node = spawn(
      'java',
      [...jvm, '-cp', classPath, 'SearchNode', path.join(dir, 'home'), path.join(cache, 'modules'), ...pairs],
      { cwd: dir, stdio: ['ignore', log, log] },
    );
    node.once('exit', () => {
      if (stopping) return;
      process.stderr.write(fs.readFileSync(path.join(dir, 'node.log'), 'utf8').slice(-2_000));
      end(1);
    });
    const url = `http://127.0.0.1:${port}`;
    const ready = () => fetch(`${url}/_cluster/health?wait_for_status=yellow`).then((answer) => answer.ok);
    const deadline = Date.now() + READY_MS;
    while (!(await ready().catch(() => false))) {
      if (stopping) return;
      if (Date.now() > deadline) throw new Error(`the node does not answer after ${READY_MS / 1_000} s`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (values['ready-file']) {
      fs.writeFileSync(`${values['ready-file']}.tmp`, JSON.stringify({ url, pid: node.pid, supervisor: process.pid }));
      fs.renameSync(`${values['ready-file']}.tmp`, values['ready-file']);
    }
    process.stdout.write(`ELASTICSEARCH_URL=${url}\n`);
  } catch (error) {
    process.stderr.write(`elasticsearch-node: ${error.message}\n`);
    end(1);
  }
}

main().catch((error) => {
  process.stderr.write(`elasticsearch-node: ${error.message}\n`);
  process.exit(error instanceof Unavailable ? 3 : 1);
});
