import type { AblationRow, ModelCard } from '../../adapters/model/card';
import type { Config } from '../../config';
import { riskOf } from '../../decide/risk';
import type { Model } from '../../detect/model';
import type { UsageEvent } from '../../domain/event';
import type { LogEntry } from '../../engine';
import { type EvaluatedStream, type ScoredAlert, score } from '../../evaluate';
import { createGrafter, createSurvey } from '../../evaluate/inject';
import { createObserver } from '../evaluate/observe';
import { keyHash } from './collect';

/** From this surprise on the model alone would speak. */
const SPEAKS = 0.5;
/** Thefts are planned on keys of all kinds, of which the model has not seen three in ten. */
const PLANNED_FOR_ONE = 10;

type Ablation = ModelCard['ablation'][number];

export interface AblationInput {
  readonly model: Model;
  readonly config: Config;
  readonly declared: readonly LogEntry[];
  /** Of the keys that the model was neither trained on nor stopped by, as `keyHash` has them. */
  readonly heldOut: ReadonlySet<number>;
  readonly seed: number;
  /** Thefts to graft, at most. */
  readonly thefts: number;
  /** Reads the log once more, in time order. */
  readonly pass: (see: (events: readonly UsageEvent[]) => void) => Promise<unknown>;
  /** Wall clock, milliseconds. */
  readonly now: number;
}

/**
 * What the model is worth on the log that it was made of: thefts grafted onto keys that it has not seen, judged by the
 * detectors, by the model and by both, on those keys alone. Reads the log twice. Undefined where no theft can be made.
 */
export async function ablationOf(input: AblationInput): Promise<Ablation | undefined> {
  const { model, config, declared, seed, heldOut, thefts, pass } = input;
  const fresh = (key: string) => heldOut.has(keyHash(key, seed));
  const survey = createSurvey(seed);
  await pass((events) => {
    for (const event of events) survey.see(event);
  });
  const planned = survey.plan(PLANNED_FOR_ONE * thefts).filter(({ onto }) => fresh(onto.key));
  // They come in the order of time: evenly out of all of it.
  const grafts = planned.filter(
    (_, i) => Math.floor(((i + 1) * thefts) / planned.length) > Math.floor((i * thefts) / planned.length),
  );
  if (grafts.length === 0) return undefined;
  const said: ScoredAlert[] = [];
  const statistical = createObserver(config, seed, declared, {
    models: [{ model, used: false }],
    seen: ({ key, ts, verdicts: [{ surprise }] }) => {
      if (surprise > SPEAKS) said.push({ key, ts, score: riskOf(surprise) });
    },
  });
  const both = createObserver(config, seed, declared, { models: [{ model, used: true }] });
  const grafter = createGrafter(grafts);
  const see = (events: readonly UsageEvent[]) => {
    statistical.see(events);
    both.see(events);
  };
  await pass((events) => see(events.flatMap((event) => grafter.take(event))));
  see(grafter.rest());
  const alone = statistical.finish();
  const together = both.finish();
  const { start, end } = alone;
  const known = { labels: grafts.map(({ label }) => label), newcomers: [], keys: alone.keys.filter(fresh), start, end };
  const judged = (how: AblationRow['how'], alerts: readonly ScoredAlert[], candidates?: readonly ScoredAlert[]) => {
    const own = (list: readonly ScoredAlert[]) => list.filter(({ key }) => fresh(key));
    return ablationRow(how, [
      { name: 'log', ...known, alerts: own(alerts), candidates: candidates && own(candidates) },
    ]);
  };
  return {
    on: `${grafts.length} thefts grafted into the log, on ${known.keys.length} keys that it was not trained on`,
    date: new Date(input.now).toISOString(),
    rows: [
      judged('statistical', alone.alerts, alone.candidates),
      judged('model', said),
      judged('both', together.alerts, together.candidates),
    ],
  };
}

/** What one way to judge found on some streams. The model alone has no policy, hence no operating point. */
export function ablationRow(how: AblationRow['how'], streams: readonly EvaluatedStream[]): AblationRow {
  const { thefts, falseRate, budgets } = score(streams, { seed: 1 });
  const found = thefts.filter((theft) => theft.foundAt !== undefined).length;
  return {
    how,
    thefts: thefts.length,
    ...(how === 'model' ? {} : { found, falseRate: falseRate.value }),
    budgets: budgets.map(({ budget, crossValidated }) => ({
      budget,
      found: crossValidated.found,
      falseRate: crossValidated.falseRate.value,
    })),
  };
}

const ways = { statistical: 'detectors only', model: 'model only', both: 'both' } as const;

/** For people, a line each. */
export function ablationText({ on, rows }: Ablation): readonly string[] {
  const percent = (share: number) => Math.round(100 * share);
  return [
    `${on}; found, %, within budgets of false alerts per 1,000 key-days (95 % intervals):`,
    ...rows.map(({ how, found, thefts, falseRate, budgets }) => {
      const shipped = found === undefined ? '' : ` by the policy ${found} of ${thefts} at ${falseRate?.toFixed(1)};`;
      const within = budgets.map(
        ({ budget, found: { value, low, high } }) =>
          `≤ ${budget}: ${percent(value)} (${percent(low)}–${percent(high)})`,
      );
      return `${ways[how]}:${shipped} ${within.join(', ')}`;
    }),
  ];
}
