/**
 * `npm run bench:model-ablation [-- --model DIR --write | --own]`: what a model is worth beside the detectors, on the development
 * streams (where they are there) and on simulated fleets that it was not trained on: statistical only, model only, both.
 * Thresholds within budgets are chosen on other keys, intervals are a bootstrap over keys. `--write` puts the figures into
 * the model's card. `--own` judges models made of the very logs instead, each key by one that was made of other keys.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createGeoip } from '../src/adapters/geoip';
import type { AblationRow } from '../src/adapters/model/card';
import { readModel } from '../src/adapters/model/read';
import { writeModel } from '../src/adapters/model/write';
import { placing } from '../src/app/core';
import { readKnown, streamsOf } from '../src/app/evaluate/inputs';
import { createObserver, type Observed } from '../src/app/evaluate/observe';
import { createReader } from '../src/app/evaluate/pass';
import { DEFAULT_MODEL } from '../src/app/models';
import { ablationRow } from '../src/app/train/ablation';
import { configSchema } from '../src/config';
import { riskOf } from '../src/decide/risk';
import type { Model, ModelSettings } from '../src/detect/model';
import type { UsageEvent } from '../src/domain/event';
import type { EvaluatedStream } from '../src/evaluate';
import { createIngest } from '../src/ingest/ingest';
import type { EvaluateOptions } from '../src/options';
import { labels, simulate } from '../src/simulate/simulate';
import { type OwnModel, ownModels } from './model-own';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: DEFAULT_MODEL },
    write: { type: 'boolean', default: false },
    own: { type: 'boolean', default: false },
  },
});
const { model: shipped, card } = readModel(values.model);
const config = configSchema.parse({ source: { kind: 'stdin' } });
const shared = [101, 102, 103, 104, 105].map((seed) =>
  join(__dirname, `../../shared/eval/seed-${seed}/aptrepo-org.masq`),
);
const options = { sets: shared, files: [], format: 'auto', stop: new AbortController().signal };
const fleets = [21, 22, 23].map((seed) => ({ seed, keys: 150, days: 21, thefts: 30, ratePerKeyDay: 60 }));

type See = (events: readonly UsageEvent[]) => void;
interface Source {
  readonly name: string;
  readonly labels: EvaluatedStream['labels'];
  readonly newcomers: EvaluatedStream['newcomers'];
  readonly pass: (see: See) => Promise<unknown>;
}
type How = AblationRow['how'];

async function observed(source: Source, how: How, model: Model): Promise<EvaluatedStream> {
  const said: { key: string; ts: number; score: number }[] = [];
  const settings: ModelSettings = {
    models: [{ model, used: how === 'both' }],
    seen: ({ key, ts, verdicts }) => {
      for (const { surprise } of verdicts) if (surprise > 0.5) said.push({ key, ts, score: riskOf(surprise) });
    },
  };
  const observer = createObserver(config, 1, [], how === 'statistical' ? undefined : settings);
  await source.pass((events) => observer.see(events));
  const { alerts, candidates, keys, start, end }: Observed = observer.finish();
  const spoken = how === 'model' ? { alerts: said } : { alerts, candidates };
  return { name: source.name, ...spoken, labels: source.labels, newcomers: source.newcomers, keys, start, end };
}

/** Each key judged by the model that was not made of it. */
async function observedByOthers(source: Source, how: How, models: readonly OwnModel[]): Promise<EvaluatedStream> {
  const parts: EvaluatedStream[] = [];
  for (const { model, fresh } of models) {
    const all = await observed(source, how, model);
    const own = (list: EvaluatedStream['alerts']) => list.filter(({ key }) => fresh(key));
    parts.push({ ...all, alerts: own(all.alerts), candidates: all.candidates && own(all.candidates) });
  }
  const candidates = parts.flatMap((part) => part.candidates ?? []);
  return {
    ...parts[0],
    alerts: parts.flatMap(({ alerts }) => alerts),
    candidates: how === 'model' ? undefined : candidates,
  };
}

async function row(sources: readonly Source[], how: How, models?: readonly OwnModel[]): Promise<AblationRow> {
  const streams: EvaluatedStream[] = [];
  for (const source of sources)
    streams.push(
      models === undefined ? await observed(source, how, shipped) : await observedByOthers(source, how, models),
    );
  return ablationRow(how, streams);
}

async function streams(): Promise<Source[]> {
  const reader = createReader(options as Pick<EvaluateOptions, 'format' | 'stop'>, config);
  return Promise.all(
    streamsOf(options as unknown as EvaluateOptions).map(async (stream) => {
      const { labels: known, newcomers } = await readKnown(stream);
      return { name: stream.name, labels: known, newcomers, pass: (see: See) => reader.pass(stream.files, see) };
    }),
  );
}

function fleet(of: (typeof fleets)[number]): Source {
  const ms = (text: string) => Date.parse(text);
  return {
    name: `simulated ${of.seed}`,
    labels: labels(of).map(({ key, start, windowEnd, kind }) => ({
      key,
      start: ms(start),
      windowEnd: ms(windowEnd),
      kind,
    })),
    newcomers: [],
    pass: async (see) => {
      const { ingest } = createIngest({ format: 'keywatch', keyIs: 'id', trustedProxies: [], maxRecordBytes: 65_536 });
      const place = placing(createGeoip());
      for (const { record } of simulate(of)) {
        for (const result of ingest(Buffer.from(JSON.stringify(record))))
          if (result.kind === 'event') see([place(result.event)]);
      }
    },
  };
}

async function main(): Promise<void> {
  const there = shared.every((set) => existsSync(`${set}.ndjson.gz`));
  if (values.own && !there) throw new Error('--own needs the development streams, which are not there');
  const populations: { on: string; sources: Source[] }[] = [];
  if (there) populations.push({ on: 'traffic of a package repository', sources: await streams() });
  if (!values.own) populations.push({ on: 'simulated fleets', sources: fleets.map(fleet) });
  const ablation = [];
  for (const { on, sources } of populations) {
    console.log(`\n${on}: found, %, within budgets of 5, 10, 20, 50, 100, 200 false alerts per 1,000 key-days`);
    const rows: AblationRow[] = [];
    const logs = sources.map(({ pass }) => pass);
    const models = values.own ? await ownModels(config, logs) : undefined;
    for (const how of ['statistical', 'model', 'both'] as const) {
      const one = await row(sources, how, how === 'statistical' ? undefined : models);
      rows.push(one);
      const percent = (share: number) => Math.round(100 * share);
      const within = one.budgets.map(
        ({ found: share }) => `${percent(share.value)} (${percent(share.low)}–${percent(share.high)})`,
      );
      const found = one.found === undefined ? '' : `${one.found} of ${one.thefts} at ${one.falseRate?.toFixed(1)}`;
      console.log(`${how.padEnd(12)} ${found.padEnd(20)} ${within.join('  ')}`);
    }
    ablation.push({ on, date: new Date().toISOString(), rows });
  }
  if (values.write && !values.own) await writeModel(values.model, shipped.layers, { ...card, ablation });
}

void main();
