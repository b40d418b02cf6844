import type { Kafka } from 'kafkajs';
import type { Enforcement } from '../../adapters/enforcement';
import type { KafkaLog } from '../../adapters/kafka/connection';
import { createDuty, type Officer } from '../../adapters/kafka/duty';
import { createErrandSink, type Errand, type ErrandSink } from '../../adapters/kafka/requests';
import type { AlertDocument } from '../../domain/alert';
import { OperatorError } from '../../options';
import type { Ledger } from '../../ports';

export interface OnDutyOptions {
  /** Makes a client; the sink and the group need one each. */
  readonly kafka: () => Kafka;
  readonly topic: string;
  readonly group: string;
  readonly sessionTimeout: number;
  readonly log: KafkaLog;
  /** Starts enforcement over the ledger as it then is; `guard` goes around the ledger. */
  readonly start: (guard: (ledger: Ledger) => Ledger) => Promise<Enforcement>;
  readonly tell: (documents: readonly AlertDocument[]) => Promise<void>;
}

/**
 * Enforcement that one of several processes carries out. Requests of all go through the topic, also those of the one that
 * is active, so that they are durable before it acts and whoever follows finds them. Questions of people are answered by
 * the process that is active; another one refuses. Alerts are not grouped by actor over partitions, and whether an action
 * takes effect is not seen: for both the traffic of all processes would be needed.
 */
export function openOnDuty(options: OnDutyOptions): Enforcement {
  const { kafka, topic, group, sessionTimeout, log, start, tell } = options;
  const sink: ErrandSink = createErrandSink(kafka(), topic);
  let active: Enforcement | undefined;
  const told = new Map<number, string>();

  const begin = async (held: () => boolean): Promise<Officer> => {
    const enforcement = await start((ledger) => leased(ledger, held));
    active = enforcement;
    return {
      take: (errands) => takeAll(enforcement, errands),
      async end() {
        active = undefined;
        await enforcement.stop();
      },
    };
  };
  const duty = createDuty({ kafka: kafka(), topic, group, sessionTimeout, begin, log });

  let fault: { readonly error: unknown } | undefined;
  duty.run().catch((error) => {
    fault = { error };
  });
  /** A fault of the group ends the process at the next request or report, and the next start begins anew. */
  const sound = () => {
    if (fault !== undefined) throw fault.error;
  };

  const here = (): Enforcement => {
    if (active === undefined) throw new OperatorError('this instance stands by: ask the one that is active');
    return active;
  };

  return {
    async submit(requests, { lagging }) {
      sound();
      await sink.send(requests.map((request) => ({ kind: 'request', lagging, request })));
    },
    noteActive(partition, keys, tenants) {
      sound();
      const errand: Errand = { kind: 'active', partition, keys, tenants: tenants && [...tenants] };
      const text = JSON.stringify(errand);
      if (told.get(partition) === text) return;
      told.set(partition, text);
      // The next report makes up for one that is lost.
      sink.send([errand]).catch(() => told.delete(partition));
    },
    resetBreaker: (by, tenant) => sink.send([{ kind: 'breaker-reset', by, tenant }]),
    async forget(key, as, force) {
      if (active !== undefined) return active.forget(key, as, force);
      await sink.send([{ kind: 'forget', key, as, force }]);
      return true;
    },
    tell,
    traffic: () => undefined,
    reached: () => undefined,
    standing: (key) => here().standing(key),
    standings: (limit) => here().standings(limit),
    suspend: async (action) => here().suspend(action),
    release: async (about) => here().release(about),
    breaker: () => here().breaker(),
    problem: () => duty.problem() ?? active?.problem(),
    idle: async () => active?.idle(),
    async stop() {
      await duty.stop();
      await sink.close();
    },
  };
}

/** A ledger that takes nothing more from an instance whose place another one may have taken. */
export function leased(ledger: Ledger, held: () => boolean): Ledger {
  const check = () => {
    if (!held()) throw new Error('another instance may be active: nothing more is recorded here');
  };
  return {
    ...ledger,
    async append(outcomes) {
      check();
      await ledger.append(outcomes);
    },
    async rewrite(change) {
      check();
      return ledger.rewrite(change);
    },
  };
}

/** In order; requests that follow one another are decided together. */
async function takeAll(enforcement: Enforcement, errands: readonly Errand[]): Promise<void> {
  for (let at = 0; at < errands.length; ) {
    const errand = errands[at];
    let end = at + 1;
    switch (errand.kind) {
      case 'request': {
        const { lagging } = errand;
        const requests = [errand.request];
        for (; end < errands.length; end++) {
          const next = errands[end];
          if (next.kind !== 'request' || next.lagging !== lagging) break;
          requests.push(next.request);
        }
        await enforcement.submit(requests, { lagging });
        break;
      }
      case 'active':
        enforcement.noteActive(errand.partition, errand.keys, errand.tenants && new Map(errand.tenants));
        break;
      case 'breaker-reset':
        await enforcement.resetBreaker(errand.by, errand.tenant);
        break;
      case 'forget':
        await enforcement.forget(errand.key, errand.as, errand.force);
        break;
    }
    at = end;
  }
}
