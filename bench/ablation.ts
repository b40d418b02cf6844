/**
 * What each detector is worth: the development streams (or those named by `--set DIR/PREFIX …`) evaluated with all
 * detectors, with each one switched off, and with the newcomer alone. Prints found and false alerts at the shipped policy,
 * suspension requests, and found within budgets (cross-validated over keys). Takes about ten seconds a row.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectors } from '../src/detect/registry';

interface Evaluation {
  readonly pooled: {
    readonly report: {
      readonly thefts: readonly { readonly foundAt?: number }[];
      readonly falseRate: { readonly value: number };
      readonly budgets: readonly { readonly crossValidated: { readonly found: { readonly value: number } } }[];
    };
    readonly suspensions: { readonly thefts: number; readonly falseKeys: number };
  };
}

const root = join(__dirname, '..');
const development = [101, 102, 103, 104, 105].map((seed) => join(root, `../shared/eval/seed-${seed}/aptrepo-org.masq`));
const named = process.argv.slice(2).filter((word) => word !== '--set');
const sets = named.length > 0 ? named : development;
if (!sets.every((set) => existsSync(`${set}.ndjson.gz`) || existsSync(`${set}.ndjson`))) {
  console.error('bench:ablation: no streams there; name some with --set DIR/PREFIX');
  process.exit(1);
}

const dir = mkdtempSync(join(tmpdir(), 'keywatch-ablation-'));
const names = detectors.map((detector) => detector.name);

function evaluate(off: readonly string[]): Evaluation {
  const config = join(dir, 'config.json');
  const json = join(dir, 'result.json');
  const switched = Object.fromEntries(off.map((name) => [name, { enabled: false }]));
  writeFileSync(config, JSON.stringify({ source: { kind: 'stdin' }, detect: { detectors: switched } }));
  const args = ['-r', join(__dirname, 'register.js'), join(root, 'src/bin/keywatch.ts'), 'evaluate'];
  const streams = sets.flatMap((set) => ['--set', set]);
  execFileSync(process.execPath, [...args, ...streams, '-c', config, '--json', json], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return JSON.parse(readFileSync(json, 'utf8')) as Evaluation;
}

function row(title: string, off: readonly string[]): string {
  const { report, suspensions } = evaluate(off).pooled;
  const found = report.thefts.filter((theft) => theft.foundAt !== undefined).length;
  const budgets = report.budgets
    .map(({ crossValidated }) => String(Math.round(crossValidated.found.value * 100)).padStart(4))
    .join(' ');
  const counts = `${String(found).padStart(3)} of ${report.thefts.length}  ${report.falseRate.value.toFixed(1).padStart(5)}`;
  return `${title.padEnd(24)}${counts}  ${suspensions.thefts}/${suspensions.falseKeys}       ${budgets}`;
}

try {
  console.log(`Node ${process.version}, ${sets.length} streams`);
  console.log('                        found     false  suspended   found, %, at most 5, 10, 20, 50, 100, 200 false');
  console.log('                                  per 1k true/false  alerts per 1,000 key-days');
  console.log(row('all', []));
  for (const name of names) console.log(row(`without ${name}`, [name]));
  console.log(
    row(
      'newcomer alone',
      names.filter((name) => name !== 'newcomer'),
    ),
  );
} finally {
  rmSync(dir, { recursive: true, force: true });
}
