import { join } from 'node:path';
import type { DeadLetterGate } from '../../adapters/dead-letters';
import type { Enforcement } from '../../adapters/enforcement';
import { openJournal } from '../../adapters/file/journal';
import type { Gap } from '../../adapters/file/source';
import { createGeoip } from '../../adapters/geoip';
import { createInventoryStore, type FileInventoryStore } from '../../adapters/inventory/store';
import type { Source } from '../../ports';
import { Runtime } from '../../runtime';
import type { RuntimeParts } from '../../runtime/parts';
import { createEngine, enriching } from '../core';
import { sourceOf } from '../sources';
import type { Tell } from './alerts';
import type { CanaryKeeper } from './canary';
import { openCheckpoints } from './checkpoints';
import type { House } from './house';
import { ingestOf } from './ingesting';
import { learnsHistory, tellLearned } from './learning';
import { openLog } from './logging';
import { openModels } from './models';

/** A request made with more records than this waiting behind it is held: its picture may be out of date. */
const LAGGING_RECORDS = 50_000;

type Enrich = RuntimeParts['enrich'];

export interface Detecting {
  readonly source: Source;
  readonly runtime: Runtime;
  readonly inventories: FileInventoryStore;
}

/** The first half: the log and the loop that takes it in. */
export async function openDetection(
  house: House,
  tell: Tell,
  enforcement: Pick<Enforcement, 'submit' | 'traffic'>,
  deadLetters: DeadLetterGate,
  canary: Pick<CanaryKeeper, 'watch' | 'without'>,
): Promise<Detecting> {
  const { config, clock, log, kafkaLog, telemetry, parts, closing } = house;
  const { dir } = config.state;
  const journal = await openJournal(dir);
  closing.push(() => journal.close());
  const inventories = createInventoryStore(join(dir, 'inventory'));
  const ingest = canary.without(ingestOf(house));
  const logged = await openLog(house, ingest, deadLetters);
  const gap = (facts?: Gap) => {
    if (facts !== undefined) log.warn(facts, 'lines may have been missed');
    telemetry.gap();
  };
  const source = logged?.source ?? sourceOf(config, kafkaLog, gap);
  parts.push({ name: `source ${source.name}`, problem: () => source.problem() });
  const models = openModels(house);
  const runtime = new Runtime({
    source: source.name,
    ingest,
    log: logged?.log,
    enrich: watched(enriching(createGeoip(), config), enforcement),
    engineFor: (partition) => canary.watch(partition, createEngine(config, partition, models)),
    checkpoints: openCheckpoints(house),
    journal,
    inventories,
    effects: {
      alerts: tell,
      requests: (requests, lag) => enforcement.submit(requests, { lagging: (lag ?? 0) > LAGGING_RECORDS }),
      deadLetters: (letters) => deadLetters.offer(letters),
    },
    history: learnsHistory(config) ? { learned: tellLearned(log, telemetry) } : undefined,
    clock,
    telemetry,
    checkpointEveryMs: config.state.checkpointEvery,
    checkpointEveryRecords: config.state.checkpointEveryRecords,
    warn: (text, facts) => log.warn(facts, text),
  });
  return { source, runtime, inventories };
}

/** Enforce sees how the keys that it acted on are answered. */
function watched(enrich: Enrich, { traffic }: Pick<Enforcement, 'traffic'>): Enrich {
  return (event, engine) => {
    traffic(event.key, event.status, event.ts);
    return enrich(event, engine);
  };
}
