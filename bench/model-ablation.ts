/**
 * `npm run bench:model-ablation [-- --model DIR --write]`: what a model is worth beside the detectors, on the development
 * streams (where they are there) and on simulated fleets that it was not trained on: statistical only, model only, both.
 * Thresholds within budgets are chosen on other keys, intervals are a bootstrap over keys. `--write` puts the figures into
 * the model's card.
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
import type { ModelSettings } from '../src/detect/model';
import type { UsageEvent } from '../src/domain/event';
import type { EvaluatedStream } from '../src/evaluate';
import { createIngest } from '../src/ingest/ingest';
import type { EvaluateOptions } from '../src/options';
import { labels, simulate } from '../src/simulate/simulate';

const { values } = parseArgs({
  options: { model: { type: 'string', default: DEFAULT_MODEL }, write: { type: 'boolean', default: false } },
});
const { model, card } = readModel(values.model);
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

async function observed(source: Source, how: How): Promise<EvaluatedStream> {
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

async function row(sources: readonly Source[], how: How): Promise<AblationRow> {
  const streams: EvaluatedStream[] = [];
  for (const source of sources) streams.push(await observed(source, how));
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
  const populations: { on: string; sources: Source[] }[] = [{ on: 'simulated fleets', sources: fleets.map(fleet) }];
  if (shared.every((set) => existsSync(`${set}.ndjson.gz`)))
    populations.unshift({ on: 'traffic of a package repository', sources: await streams() });
  const ablation = [];
  for (const { on, sources } of populations) {
    console.log(`\n${on}: found, %, within budgets of 5, 10, 20, 50, 100, 200 false alerts per 1,000 key-days`);
    const rows: AblationRow[] = [];
    for (const how of ['statistical', 'model', 'both'] as const) {
      const one = await row(sources, how);
      rows.push(one);
      const percent = (share: number) => Math.round(100 * share);
      const within = one.budgets.map(
        ({ found }) => `${percent(found.value)} (${percent(found.low)}–${percent(found.high)})`,
      );
      const shipped = one.found === undefined ? '' : `${one.found} of ${one.thefts} at ${one.falseRate?.toFixed(1)}`;
      console.log(`${how.padEnd(12)} ${shipped.padEnd(20)} ${within.join('  ')}`);
    }
    ablation.push({ on, date: new Date().toISOString(), rows });
  }
  if (values.write) await writeModel(values.model, model.layers, { ...card, ablation });
}

void main();
