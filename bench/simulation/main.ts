/**
 * What is found of simulated thefts: ten of each kind among 2,000 keys in 30 days, `keywatch simulate` piped into
 * `keywatch evaluate` at the shipped defaults, and once more at the risk that keeps `--budget` false alerts per 1,000
 * key-days. Prints found by kind. Options: --keys --days --rate --each --seed --budget. About two minutes a run on an idle
 * machine, some 600 MB; neither process holds the traffic.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { theftKinds } from '../../src/simulate/kinds';
import { wholeNumber } from '../support/figures';
import { type Evaluation, printRun, type SimulatedLabel, type Traffic } from './report';

const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '2000' },
    days: { type: 'string', default: '30' },
    rate: { type: 'string', default: '30' },
    each: { type: 'string', default: '10' },
    seed: { type: 'string', default: '7' },
    budget: { type: 'string', default: '5' },
  },
});
const number = (name: keyof typeof values, most: number) => wholeNumber(name, values[name], most);
const traffic: Traffic = {
  keys: number('keys', 65_536),
  days: number('days', 3_660),
  rate: number('rate', 1_000_000),
  each: number('each', 1_000),
  seed: number('seed', Number.MAX_SAFE_INTEGER),
};
const budget = number('budget', 100_000);

const root = join(__dirname, '..', '..');
const dir = mkdtempSync(join(tmpdir(), 'keywatch-simulation-'));
const labels = join(dir, 'labels.ndjson');
const newcomers = join(dir, 'newcomers.ndjson');

const keywatch = (args: readonly string[], stdio: ['ignore' | 'pipe', 'ignore' | 'pipe', 'inherit']) =>
  spawn(
    process.execPath,
    ['-r', join(root, 'bench', 'register.js'), join(root, 'src', 'bin', 'keywatch.ts'), ...args],
    { stdio },
  );

/** Both ends of the pipe, one process each: neither holds the traffic. Rejects when either fails. */
async function evaluate(config: string | undefined): Promise<Evaluation> {
  const json = join(dir, 'report.json');
  const { keys, days, rate, each, seed } = traffic;
  const made = keywatch(
    [
      ...['simulate', '--keys', `${keys}`, '--days', `${days}`, '--rate', `${rate}`, '--seed', `${seed}`],
      ...['--thefts', `${each * theftKinds.length}`, '--labels', labels, '--newcomers', newcomers],
    ],
    ['ignore', 'pipe', 'inherit'],
  );
  // The labels are whole before the first event is written.
  await new Promise((resolve) => made.stdout!.once('readable', resolve));
  const judged = keywatch(
    [
      ...['evaluate', '-', '--labels', labels, '--newcomers', newcomers, '--json', json],
      ...(config === undefined ? [] : ['-c', config]),
    ],
    ['pipe', 'ignore', 'inherit'],
  );
  made.stdout!.pipe(judged.stdin!);
  // Whoever does not read to the end says why himself; the other then writes for nobody.
  judged.stdin!.on('error', () => undefined);
  judged.once('exit', () => made.kill());
  await Promise.all(
    [made, judged].map(
      (child) =>
        new Promise<void>((resolve, reject) => {
          child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a process ended with ${code}`))));
        }),
    ),
  );
  return JSON.parse(readFileSync(json, 'utf8')) as Evaluation;
}

const labelsOf = (): readonly SimulatedLabel[] =>
  readFileSync(labels, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SimulatedLabel);

async function main(): Promise<void> {
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`);
  const shipped = await evaluate(undefined);
  printRun('At the shipped defaults', shipped, labelsOf(), traffic);
  const point = shipped.pooled.report.budgets.find((b) => b.budget === budget);
  if (point?.threshold === undefined) {
    console.log(`No risk keeps ${budget} false alerts per 1,000 key-days.`);
    return;
  }
  const config = join(dir, 'config.json');
  const rules = [{ name: 'evaluated', when: { risk: point.threshold }, action: 'alert' }];
  writeFileSync(config, JSON.stringify({ source: { kind: 'stdin' }, policy: { rules } }));
  const within = await evaluate(config);
  printRun(`Alerting from risk ${point.threshold} on, which was to keep ${budget}`, within, labelsOf(), traffic);
}

main()
  .catch((error) => {
    console.error(`bench:simulation: ${(error as Error).message}`);
    process.exitCode = 1;
  })
  .finally(() => rmSync(dir, { recursive: true, force: true }));
