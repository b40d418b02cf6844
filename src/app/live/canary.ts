import type { AlertDocument } from '../../domain/alert';
import type { UsageEvent } from '../../domain/event';
import type { Engine } from '../../engine';
import { CANARY_STEP_MS } from '../../engine/canary';
import type { CanaryResult } from '../../engine/canary-notice';
import type { IngestResult } from '../../ingest/ingest';
import type { Audit } from '../../ports';
import type { Runtime } from '../../runtime';
import { partitionOf } from '../../stats/murmur2';
import type { Tell } from './alerts';
import type { House } from './house';
import { loggedSource } from './logging';

/** The canary key in a live process: when it is used and stolen, and what is heard of it. */
export interface CanaryKeeper {
  /** Remembers the engine of a partition, and answers it. */
  watch(partition: number, engine: Engine): Engine;
  /** What the log says of the canary's key is not of the canary: it is left out. */
  without<T extends Ingest>(ingest: T): T;
  /** Results of thefts are audited before they are told. */
  tell(tell: Tell): Tell;
  /** Called every few seconds: has the canary used, and stolen where it is time. */
  tick(runtime: Pick<Runtime, 'activeKeys' | 'command'>): Promise<void>;
}

interface Ingest {
  ingest(value: Buffer): readonly IngestResult[];
}

const none: CanaryKeeper = {
  watch: (_, engine) => engine,
  without: (ingest) => ingest,
  tell: (tell) => tell,
  tick: async () => undefined,
};

/**
 * The canary lives in the lowest partition that this process has (with an internal log: in its key's), in event time: it rests
 * where no events come, and follows a stream that is read late. When it was played last stands in the partition's state, so
 * that a crash neither doubles nor loses a theft; one that was due while the process was down comes at the next call.
 */
export function openCanary(
  { config, parts, log, telemetry }: Pick<House, 'config' | 'parts' | 'log' | 'telemetry'>,
  audit: Audit,
): CanaryKeeper {
  const { canary } = config;
  if (canary === undefined) return none;
  const { key, every, outputs } = canary;
  const logged = loggedSource(config);
  const home = logged === undefined ? undefined : partitionOf(key, logged.log.partitions);
  const engines = new Map<number, Engine>();
  let present: number | undefined;
  let met = 0;
  /** The last command to the present partition: through an internal log it comes back later than the next look. */
  let asked: { readonly partition: number; readonly to: number; readonly theftAt: number } | undefined;

  parts.push({
    name: 'canary',
    problem() {
      const view = present === undefined ? undefined : engines.get(present)?.canary.view(key);
      if (view?.missed !== true) return undefined;
      return `its theft of ${new Date(view.theftAt).toISOString()} was not caught: detection is broken`;
    },
  });

  const isOwn = ({ event }: { readonly event: Pick<UsageEvent, 'key'> }) => event.key === key;

  return {
    watch(partition, engine) {
      engines.set(partition, engine);
      return engine;
    },
    without: (ingest) => ({
      ...ingest,
      ingest(value) {
        const results = ingest.ingest(value);
        const rest = results.filter((result) => result.kind !== 'event' || !isOwn(result));
        if (rest.length < results.length && met++ === 0) {
          log.warn('the log names the canary key: somebody uses it, or it is a real key; its records are not used');
        }
        return rest;
      },
    }),
    tell: (tell) => async (documents) => {
      for (const document of documents.filter(isResult)) {
        const { action, id } = document.event;
        await audit.record({ kind: 'canary', by: 'keywatch', subject: key, detail: { result: action, notice: id } });
      }
      await tell(documents);
      for (const { event } of documents.filter(isResult)) telemetry.canary(event.action!.slice(7) as CanaryResult);
    },
    async tick(runtime) {
      const live = runtime.activeKeys().map(({ partition }) => partition);
      for (const partition of engines.keys()) if (!live.includes(partition)) engines.delete(partition);
      const mine = home === undefined ? live : live.filter((partition) => partition === home);
      present = mine.length === 0 ? undefined : Math.min(...mine);
      const engine = present === undefined ? undefined : engines.get(present);
      if (engine === undefined || present === undefined) return;
      const to = Math.floor(engine.watermark);
      const view = engine.canary.view(key);
      const last = asked?.partition === present ? asked : undefined;
      const until = Math.max(view.until, last?.to ?? 0);
      if (to === 0 || to - until < CANARY_STEP_MS) return;
      const theft = view.until > 0 && to - Math.max(view.theftAt, last?.theftAt ?? 0) >= every;
      const taken = await runtime.command({
        type: 'canary',
        key,
        partition: present,
        to,
        theft,
        tell: outputs === 'event',
      });
      if (taken > 0) asked = { partition: present, to, theftAt: theft ? to : (last?.theftAt ?? 0) };
    },
  };
}

const isResult = ({ event, keywatch }: AlertDocument): boolean =>
  keywatch.canary === true && event.action?.startsWith('canary-') === true;
