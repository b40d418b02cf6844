/**
 * A process to be killed: appends alerts `id-0` … to an outbox and carries them to Elasticsearch, until all are there;
 * started again it goes on where it was. Its settings come as JSON in WRITER.
 */
import { systemClock } from '../../src/adapters/clock';
import { createElasticsearch } from '../../src/adapters/elasticsearch/client';
import { createElasticsearchSink } from '../../src/adapters/elasticsearch/sink';
import { startCourier } from '../../src/adapters/file/courier';
import { openOutbox } from '../../src/adapters/file/outbox';
import { createNoTelemetry } from '../../src/adapters/no-telemetry';
import { createUndelivered } from '../../src/adapters/undelivered';
import { alertDocument } from './alerts';

export interface WriterSettings {
  readonly url: string;
  readonly namespace: string;
  readonly dir: string;
  readonly alerts: number;
}

async function main({ url, namespace, dir, alerts }: WriterSettings): Promise<void> {
  const telemetry = createNoTelemetry();
  const undelivered = createUndelivered({ path: `${dir}/undelivered.ndjson`, clock: systemClock, telemetry });
  const sink = createElasticsearchSink({
    elasticsearch: createElasticsearch({ nodes: [url], tls: undefined, requestTimeout: 1_000 }),
    host: 'test',
    namespace,
    maxBatchBytes: 4_194_304,
    clock: systemClock,
    random: Math.random,
    onReject: undelivered.reject,
    waitsMs: [5, 10, 20],
  });
  const outbox = await openOutbox(`${dir}/outbox`, { maxBytes: 16 * 1024 * 1024, sinks: [sink.name] });
  const courier = startCourier({
    outbox,
    sink,
    clock: systemClock,
    telemetry,
    random: Math.random,
    firstWaitMs: 10,
    longestWaitMs: 100,
  });
  for (let at = outbox.end(); at < alerts; at = outbox.end()) {
    const count = Math.min(500, alerts - at);
    await outbox.append(Array.from({ length: count }, (_, i) => alertDocument({ id: `id-${at + i}` })));
  }
  await courier.drained();
  await courier.stop();
  await sink.close();
  await outbox.close();
  await undelivered.close();
}

main(JSON.parse(process.env.WRITER ?? '{}')).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
