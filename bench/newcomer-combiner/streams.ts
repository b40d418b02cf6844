import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createGeoip } from '../../src/adapters/geoip';
import { engineSettings, placing } from '../../src/app/core';
import { readKnown, streamsOf } from '../../src/app/evaluate/inputs';
import { createReader } from '../../src/app/evaluate/pass';
import { configSchema } from '../../src/config';
import { newcomer } from '../../src/detect/newcomer';
import type { UsageEvent } from '../../src/domain/event';
import { Engine } from '../../src/engine';
import type { EvaluatedStream, TheftLabel } from '../../src/evaluate';
import { createGrafter, createSurvey } from '../../src/evaluate/inject';
import { createIngest } from '../../src/ingest/ingest';
import type { EvaluateOptions } from '../../src/options';
import { labels, simulate } from '../../src/simulate/simulate';
import { type Seen, watching } from './features';

/** A log and the thefts that are known to be in it. */
export interface Source {
  readonly name: string;
  readonly labels: readonly TheftLabel[];
  readonly pass: (see: (events: readonly UsageEvent[]) => void) => Promise<unknown>;
}

/** What one pass showed: all newcomers, which of them are the thieves, and what it takes to judge them. */
export interface Passed {
  readonly stream: Omit<EvaluatedStream, 'alerts'>;
  readonly newcomers: readonly (Seen & { readonly thief: boolean })[];
}

const config = configSchema.parse({ source: { kind: 'stdin' } });

/** A log as it is. */
export async function passed(source: Source): Promise<Passed> {
  return through(source, source.labels, (see) => source.pass(see));
}

/** A log with up to `count` thefts grafted into it, which are the only ones that count. */
export async function grafted(source: Source, count: number, seed: number): Promise<Passed> {
  const survey = createSurvey(seed);
  await source.pass((events) => {
    for (const event of events) survey.see(event);
  });
  const grafts = survey.plan(count);
  const grafter = createGrafter(grafts);
  return through(
    source,
    grafts.map(({ label }) => label),
    async (see) => {
      await source.pass((events) => see(events.flatMap((event) => grafter.take(event))));
      see(grafter.rest());
    },
    new Map(grafts.map(({ label, ip }) => [label, ip])),
  );
}

async function through(
  source: Source,
  thefts: readonly TheftLabel[],
  pass: Source['pass'],
  addresses?: ReadonlyMap<TheftLabel, string>,
): Promise<Passed> {
  const newcomers: Passed['newcomers'][number][] = [];
  const byKey = new Map<string, TheftLabel[]>();
  for (const label of thefts) byKey.set(label.key, [...(byKey.get(label.key) ?? []), label]);
  const thief = ({ key, ts, ip }: Seen) =>
    (byKey.get(key) ?? []).some(
      (label) => ts >= label.start && ts <= label.windowEnd && (addresses?.get(label) ?? ip) === ip,
    );
  const settings = engineSettings(config, 0);
  const detectors = settings.detectors.map((detector) =>
    detector === newcomer ? watching(newcomer, (one) => newcomers.push({ ...one, thief: thief(one) })) : detector,
  );
  const engine = new Engine({ ...settings, detectors });
  const keys = new Set<string>();
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  let offset = 0;
  await pass((events) => {
    for (const { key, ts } of events) {
      keys.add(key);
      start = Math.min(start, ts);
      end = Math.max(end, ts);
    }
    engine.advance(events.map((event) => ({ kind: 'event', offset: offset++, event, timestamp: undefined })));
  });
  engine.advance([{ kind: 'tick', ts: engine.watermark }]);
  return { stream: { name: source.name, labels: thefts, newcomers: [], keys: [...keys], start, end }, newcomers };
}

const folder = (seed: number) => join(__dirname, `../../../shared/eval/seed-${seed}`);

/** The development streams, with their thefts or without; undefined where they are not there. */
export async function repository(seeds: readonly number[], which: string): Promise<Source[] | undefined> {
  const sets = seeds.map((seed) => join(folder(seed), `aptrepo-org.${which}`));
  if (!sets.every((set) => existsSync(`${set}.ndjson.gz`))) return undefined;
  const options = { sets, files: [], format: 'auto', stop: new AbortController().signal };
  const reader = createReader(options as Pick<EvaluateOptions, 'format' | 'stop'>, config);
  return Promise.all(
    streamsOf(options as unknown as EvaluateOptions).map(async (stream) => ({
      name: stream.name,
      labels: (await readKnown(stream)).labels,
      pass: (see: (events: readonly UsageEvent[]) => void) => reader.pass(stream.files, see),
    })),
  );
}

export function fleet(seed: number, thefts: number): Source {
  const of = { seed, keys: 100, days: 21, thefts, ratePerKeyDay: 40 };
  const ms = (text: string) => Date.parse(text);
  const known = labels(of).map(({ key, start, windowEnd, kind }) => ({
    key,
    start: ms(start),
    windowEnd: ms(windowEnd),
    kind,
  }));
  const pass: Source['pass'] = async (see) => {
    const { ingest } = createIngest({ format: 'keywatch', keyIs: 'id', trustedProxies: [], maxRecordBytes: 65_536 });
    const place = placing(createGeoip());
    for (const { record } of simulate(of))
      for (const result of ingest(Buffer.from(JSON.stringify(record))))
        if (result.kind === 'event') see([place(result.event)]);
  };
  return { name: `simulated ${seed}`, labels: known, pass };
}
