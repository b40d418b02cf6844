/**
 * `npm run bench:newcomer`: would a learned combination of what the newcomer detector knows find more thieves than its
 * closed form at equal false alerts? Labels are thefts grafted into logs without thefts; features are the surprises of
 * each step and the key's context. Every newcomer is scored by a regression that was trained on other keys. Judged on
 * grafted thefts and on the streams' own. Takes the development streams where they are there, and simulated fleets.
 */
import { type EvaluatedStream, score } from '../../src/evaluate';
import { percentileInterval, resample, uniform } from '../../src/evaluate/bootstrap';
import { foldsOf } from '../../src/evaluate/crossval';
import { keyDays } from '../../src/evaluate/judge';
import { atBudget, curve, type KeyWeights, sweep } from '../../src/evaluate/sweep';
import { defaultEvaluation, type EvaluationOptions } from '../../src/evaluate/types';
import { table } from '../support/figures';
import { fitLogistic, type Logistic } from './logistic';
import { fleet, grafted, type Passed, passed, repository, type Source } from './streams';

const FOLDS = 5;
const PENALTIES = [10, 100, 1_000];
const GRAFTS = 30;
const GRAFT_SEEDS = [1, 2];
const options: EvaluationOptions = { ...defaultEvaluation, budgets: [5, 10, 20, 50, 100] };

interface Population {
  readonly on: string;
  /** With grafted thefts, to train on. */
  readonly training: readonly Passed[];
  /** With thefts of their own, if known. */
  readonly own: readonly Passed[];
}

type Scorer = (newcomer: Passed['newcomers'][number]) => number;

/** One regression a fold, trained on the newcomers of the other folds' keys. */
function learned(training: readonly Passed[], penalty: number): Scorer {
  const keys = [...new Set(training.flatMap(({ stream }) => stream.keys))].sort();
  const folds = foldsOf(keys, FOLDS, 1);
  const all = training.flatMap(({ newcomers }) => newcomers);
  const fits = Array.from({ length: FOLDS }, (_, fold) =>
    fitLogistic(
      all.filter(({ key }) => folds.get(key) !== fold),
      penalty,
    ),
  );
  return ({ key, features }) => fits[folds.get(key) ?? 0](features);
}

function foreign(training: readonly Passed[], penalty: number): Scorer {
  const combine: Logistic = fitLogistic(
    training.flatMap(({ newcomers }) => newcomers),
    penalty,
  );
  return ({ features }) => combine(features);
}

const closed: Scorer = (newcomer) => newcomer.closed;

const scored = (runs: readonly Passed[], scorer: Scorer): EvaluatedStream[] =>
  runs.map(({ stream, newcomers }) => ({
    ...stream,
    alerts: newcomers.map((one) => ({ key: one.key, ts: one.ts, score: scorer(one) })),
  }));

/** Thefts found by the one beyond the other at equal budgets, as shares; 95 % of a paired bootstrap over keys. */
function differences(a: readonly EvaluatedStream[], b: readonly EvaluatedStream[]): string[] {
  const sides = [a, b].map((streams) => sweep(streams, options));
  const thefts = new Map<string, number>();
  const days = new Map<string, number>();
  for (const stream of score(a, { ...options, resamples: 0, deals: 1 }).thefts)
    thefts.set(stream.key, (thefts.get(stream.key) ?? 0) + 1);
  for (const stream of a)
    for (const key of stream.keys) days.set(key, (days.get(key) ?? 0) + keyDays(stream, options) / stream.keys.length);
  const keys = [...days.keys()];
  const found = (weights?: KeyWeights) => {
    const sum = (of: Map<string, number>) =>
      keys.reduce(
        (total, key) => total + (of.get(key) ?? 0) * (weights === undefined ? 1 : (weights.get(key) ?? 0)),
        0,
      );
    const points = sides.map((steps) => curve(steps, sum(thefts), sum(days), weights));
    return options.budgets.map((budget) => {
      const [one, other] = points.map((side) => atBudget(side, budget).recall);
      return one - other;
    });
  };
  const random = uniform(1);
  const draws = Array.from({ length: 500 }, () => found(resample(keys, random)));
  return found().map((value, b) => {
    const { low, high } = percentileInterval(
      value,
      draws.map((draw) => draw[b]),
    );
    const points = (x: number) => `${x > 0 ? '+' : ''}${Math.round(100 * x)}`.replace('-', '−');
    return `${points(value)} (${points(low)} to ${points(high)})`;
  });
}

function report(on: string, runs: readonly Passed[], scorers: readonly (readonly [string, Scorer])[]): void {
  if (runs.every(({ stream }) => stream.labels.length === 0)) return;
  const base = scored(runs, closed);
  const rows = [['closed form', closed] as const, ...scorers].flatMap(([name, scorer]) => {
    const streams = scored(runs, scorer);
    const { budgets } = score(streams, options);
    const percent = (share: number) => Math.round(100 * share);
    const cells = budgets.map(
      ({ crossValidated: { found } }) => `${percent(found.value)} (${percent(found.low)}–${percent(found.high)})`,
    );
    return scorer === closed
      ? [[name, ...cells]]
      : [
          [name, ...cells],
          ['· difference', ...differences(streams, base)],
        ];
  });
  const { thefts } = score(base, { ...options, resamples: 0, deals: 1 });
  console.log(`\n${on}: ${thefts.length} thefts; found, %, within budgets of false alerts per 1,000 key-days`);
  console.log(table(['', ...options.budgets.map((budget) => `≤ ${budget}`)], rows));
}

async function population(on: string, clean: readonly Source[], own: readonly Source[]): Promise<Population> {
  const training: Passed[] = [];
  for (const source of clean) for (const seed of GRAFT_SEEDS) training.push(await grafted(source, GRAFTS, seed));
  const runs: Passed[] = [];
  for (const source of own) runs.push(await passed(source));
  const examples = training.flatMap(({ newcomers }) => newcomers);
  const thieves = examples.filter(({ thief }) => thief).length;
  console.log(`${on}: ${examples.length} newcomers to learn from, ${thieves} of them grafted`);
  return { on, training, own: runs };
}

async function main(): Promise<void> {
  const seeds = [101, 102, 103, 104, 105];
  const fleets = await population(
    'simulated fleets',
    [31, 32, 33].map((seed) => fleet(seed, 0)),
    [21, 22, 23].map((seed) => fleet(seed, 30)),
  );
  const [clean, own] = [await repository([101, 102], 'control-plain'), await repository(seeds, 'masq')];
  const populations = [fleets];
  if (clean !== undefined && own !== undefined)
    populations.push(await population('traffic of a package repository', clean, own));
  for (const here of populations) {
    const others = populations.filter((other) => other !== here);
    const scorers = PENALTIES.flatMap((penalty) => [
      [`learned on other keys, penalty ${penalty}`, learned(here.training, penalty)] as const,
      ...others.map(({ on, training }) => [`on ${on}, ${penalty}`, foreign(training, penalty)] as const),
    ]);
    report(`${here.on}, grafted thefts`, here.training, scorers);
    report(`${here.on}, thefts of its own`, here.own, scorers);
  }
}

void main();
