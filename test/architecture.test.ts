import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * The floors of the house, lowest first. A unit (a folder of `src/`, or a file that stands there alone) may import
 * itself and units of lower floors: never upward, never sideways.
 */
const floors: readonly (readonly string[])[] = [
  ['domain', 'stats'],
  ['ingest', 'profile', 'detect', 'decide', 'enforce', 'simulate', 'evaluate'],
  ['report'],
  ['state'],
  ['engine'],
  ['ports'],
  ['runtime'],
  ['config'],
  ['options'],
  ['adapters'],
  ['app'],
  ['demo'],
  ['bin'],
];
const floorOf = new Map(floors.flatMap((units, floor) => units.map((unit): [string, number] => [unit, floor])));
const CORE = floorOf.get('engine')!;

/** Pure modules of Node; everything else of it is I/O, a clock or chance. */
const pureModules = new Set(['node:crypto', 'node:net', 'node:buffer']);
const corePackages = new Set(['zod']);

/** What makes a result depend on when, where or how often it is computed. */
const impurities: readonly [string, RegExp][] = [
  ['Date.now', /\bDate\s*\.\s*now\b/],
  ['new Date()', /\bnew\s+Date\s*(\(\s*\)|(?![\w\s(]))|(?<!new\s)\bDate\s*\(/],
  ['Math.random', /\bMath\s*\.\s*random\b/],
  ['random bytes', /\b(randomBytes|randomUUID|randomInt|randomFill|randomFillSync|getRandomValues)\b/],
  ['process', /(?<![\w.'"`])process\s*(\.|\[)/],
  ['performance', /(?<![\w.'"`])performance\s*\./],
  ['timers', /(?<![\w.])(setTimeout|setInterval|setImmediate|queueMicrotask)\b/],
  ['I/O', /(?<![\w.])(fetch\s*\(|console\s*\.)/],
  ['globals', /\bglobalThis\b/],
  ['sockets', /\b(createConnection|createServer|new\s+Socket)\b/],
];

const unitOf = (file: string): string => file.split('/')[0].replace(/\.ts$/, '');

const withoutComments = (code: string): string =>
  code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{}(,])\/\/[^\n]*/g, '$1');

const importsOf = (code: string): string[] =>
  [...code.matchAll(/(?:\bfrom\s*|(?<!['"])\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])([^'"\n]+)\1/g)].map(
    (match) => match[2],
  );

/** What is wrong with one file, by its path below `src/`. */
const faultsOf = (file: string, source: string): string[] => {
  const code = withoutComments(source);
  const unit = unitOf(file);
  const floor = floorOf.get(unit);
  if (floor === undefined) return [`${file}: ${unit} has no floor in the house`];
  const faults: string[] = [];
  for (const name of importsOf(code)) {
    if (name.startsWith('.')) {
      const target = unitOf(join(dirname(file), name));
      const targetFloor = floorOf.get(target);
      if (target !== unit && !(targetFloor !== undefined && targetFloor < floor))
        faults.push(`${file} imports ${name}`);
    } else if (floor <= CORE && !pureModules.has(name) && !corePackages.has(name))
      faults.push(`${file} imports ${name}`);
  }
  if (floor <= CORE) {
    for (const [what, pattern] of impurities) if (pattern.test(code)) faults.push(`${file} uses ${what}`);
  }
  return faults;
};

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });

const root = join(__dirname, '..', 'src');
const files = sources(root).map((path) => ({ file: relative(root, path), source: readFileSync(path, 'utf8') }));

test('imports run downward, and the core knows no clock, chance, environment or I/O', () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.flatMap(({ file, source }) => faultsOf(file, source))).toEqual([]);
});

test('no file is too long to have one reason to change', () => {
  const long = files.filter(({ source }) => source.split('\n').length > 301).map(({ file }) => file);
  expect(long).toEqual([]);
});

describe('the check itself', () => {
  test.each([
    ['detect/a.ts', "import { x } from '../enforce/x';"],
    ['domain/a.ts', "export type { X } from '../stats/x';"],
    ['engine.ts', "import type { Clock } from './ports';"],
    ['config.ts', "const x = require('./adapters/x');"],
    ['detect/geo/a.ts', "import('../../profile/x');"],
    ['app.ts', "import { x } from './bin/x';"],
    ['app.ts', "import { x } from './demo/demo';"],
    ['adapters/a.ts', "import {\n  a,\n  b,\n} from '../app';"],
    ['misc/a.ts', ''],
    ['ingest/a.ts', "import { readFileSync } from 'node:fs';"],
    ['ingest/a.ts', "import fs from 'fs';"],
    ['profile/a.ts', "import geoip from 'geoip-lite';"],
    ['stats/a.ts', 'const t = Date.now();'],
    ['stats/a.ts', 'const t = new Date().getTime();'],
    ['stats/a.ts', 'const t = new Date;'],
    ['simulate/a.ts', 'Math.random()'],
    ['enforce/a.ts', 'if (process.env.X) {}'],
    ['decide/a.ts', 'setTimeout(() => {}, 1)'],
    ['state.ts', 'performance.now()'],
    ['enforce/a.ts', "const id = randomUUID(); import { randomUUID } from 'node:crypto';"],
  ])('refuses in %s: %s', (file, source) => {
    expect(faultsOf(file, source)).not.toEqual([]);
  });

  test.each([
    ['detect/geo/a.ts', "import { x } from '../../domain/x'; import { y } from '../b';"],
    ['engine.ts', "import { x } from './state'; import { y } from './detect/registry';"],
    ['adapters/kafka/a.ts', "import type { Config } from '../../config'; import fs from 'node:fs'; Date.now();"],
    ['bin/a.ts', "import { x } from '../app'; import { y } from '../demo/demo'; process.exit(1);"],
    ['ingest/a.ts', "import { isIP } from 'node:net'; // not Date.now()\nconst d = new Date(ts); a.process.b();"],
    ['decide/a.ts', '/** Unlike Math.random, this is\n * the same in every run. */\nexport const x = 1;'],
  ])('lets pass in %s: %s', (file, source) => {
    expect(faultsOf(file, source)).toEqual([]);
  });
});
