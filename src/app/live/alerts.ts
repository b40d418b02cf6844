import { join } from 'node:path';
import { createDeadLetterGate, type DeadLetterGate } from '../../adapters/dead-letters';
import { type Courier, startCourier } from '../../adapters/file/courier';
import { openOutbox } from '../../adapters/file/outbox';
import { createUndelivered } from '../../adapters/undelivered';
import type { AlertDocument } from '../../domain/alert';
import type { AlertSink } from '../../ports';
import { alertSinkOf, deadLetterSinkOf } from '../outputs';
import { routingOf } from '../routing';
import { type House, messageOf, withinDrain } from './house';

/** Resolves when the documents are durable in the outbox; from there a courier for each output delivers them. */
export type Tell = (documents: readonly AlertDocument[]) => Promise<void>;

export interface Alerts {
  readonly tell: Tell;
  /** Removes documents that wait or were set aside. */
  readonly forget: readonly ((of: (document: AlertDocument) => boolean) => Promise<void>)[];
}

/** `further`: outputs that are told besides those of `alerts`. */
export async function openAlerts(house: House, further: readonly AlertSink[] = []): Promise<Alerts> {
  const { config, context, clock, log, kafkaLog, telemetry, parts, closing, patience } = house;
  const { dir } = config.state;
  const routed = routingOf(config, clock, telemetry, log);
  const undelivered = createUndelivered({
    path: join(dir, 'undelivered.ndjson'),
    clock,
    telemetry,
    onReject: (sink, alert, reason) => log.error({ sink, alert, reason }, 'set aside: the receiver never takes it'),
  });
  closing.push(() => undelivered.close());
  const sinks = [
    ...config.alerts.map((output) =>
      routed(alertSinkOf(output, context.terminal, kafkaLog, undelivered.reject, context.version), output),
    ),
    ...further,
  ];
  const outbox = await openOutbox(join(dir, 'outbox'), {
    maxBytes: config.state.outboxMaxBytes,
    sinks: sinks.map((sink) => sink.name),
  });
  closing.push(() => outbox.close());
  const onFault = (sink: string, error: unknown, waitMs: number) =>
    log.warn(
      { sink, error: messageOf(error), againInMs: Math.round(waitMs) },
      'alerts could not be delivered; they wait in the outbox',
    );
  const couriers: Courier[] = sinks.map((sink) =>
    startCourier({ outbox, sink, clock, telemetry, random: Math.random, onFault }),
  );
  closing.push(async () => {
    const drained = Promise.all(couriers.map((courier) => courier.drained()));
    if (!patience.ended()) await withinDrain(clock, drained);
    await Promise.all(couriers.map((courier) => courier.stop()));
    if ((await drained).includes(false)) log.warn('alerts wait in the outbox; they go out after the next start');
    await Promise.all(sinks.map((sink) => sink.close()));
  });
  parts.push(...couriers.map((courier) => ({ name: `alerts to ${courier.sink}`, problem: () => courier.problem() })));
  parts.push({ name: 'outbox', problem: () => (outbox.full() ? 'full: a sink is down for too long' : undefined) });
  return {
    tell: (documents) => patience.guard(() => outbox.append(documents)),
    forget: [(of) => outbox.forget(of), (of) => undelivered.forget(of)],
  };
}

export function openDeadLetters({ config, clock, log, kafkaLog, telemetry, parts, closing }: House): DeadLetterGate {
  const deadLetters = createDeadLetterGate({
    sinks: config.deadLetters.map((output) => deadLetterSinkOf(output, kafkaLog)),
    perSecond: config.ingest.deadLettersPerSecond,
    clock,
    telemetry,
    onFault: (sink, error) => log.warn({ sink, error: messageOf(error) }, 'dead letters could not be written'),
  });
  closing.push(() => deadLetters.close());
  parts.push({ name: 'dead letters', problem: () => deadLetters.problem() });
  return deadLetters;
}
