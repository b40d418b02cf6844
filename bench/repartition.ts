/**
 * `npm run bench:repartition [-- --events N --keys N --partitions N --rounds N]`: what the internal log costs an event
 * without its broker: key hashed to its partition, packed there, unpacked again; beside the same with one JSON text an
 * event. CPU time, rounds interleaved, every round checked to give back what went in.
 */
import { parseArgs } from 'node:util';
import type { UsageEvent } from '../src/domain/event';
import { createIngest } from '../src/ingest/ingest';
import { createPacker } from '../src/ingest/pack';
import { decodeLogRecord } from '../src/ingest/unpack';
import { formatRecord } from '../src/simulate/simulate';
import { partitionOf } from '../src/stats/murmur2';
import { spread, table, wholeNumber } from './support/figures';
import { traffic } from './support/traffic';

const origin = { generation: 1, partition: 0 };

/** Events of one source record batch that are packed together, as Ingest does it. */
const SLICE = 2_000;

interface Round {
  readonly ns: { encode: number; decode: number };
  readonly bytes: number;
  readonly records: number;
}

function eventsOf(count: number, keys: number): UsageEvent[] {
  const ingest = createIngest({ format: 'keywatch', keyIs: 'id', trustedProxies: [], maxRecordBytes: 1_000_000 });
  const events: UsageEvent[] = [];
  for (const record of traffic(count, keys))
    for (const result of ingest.ingest(Buffer.from(formatRecord(record))))
      if (result.kind === 'event') events.push(result.event);
  return events;
}

const cpuNs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
};

function packed(events: readonly UsageEvent[], partitions: number): Round {
  const packers = Array.from({ length: partitions }, () => createPacker(partitions));
  const records: Buffer[] = [];
  const begun = cpuNs();
  for (let i = 0; i < events.length; i++) {
    const event = events[i];
    const packer = packers[partitionOf(event.key, partitions)];
    if (!packer.add(event, i, 0, event.ts)) {
      records.push(packer.take(origin));
      packer.add(event, i, 0, event.ts);
    }
    if (i % SLICE === SLICE - 1) for (const each of packers) if (each.count() > 0) records.push(each.take(origin));
  }
  for (const each of packers) if (each.count() > 0) records.push(each.take(origin));
  const between = cpuNs();
  let seen = 0;
  for (const record of records) {
    const read = decodeLogRecord(record);
    if (read.kind === 'pack') for (const { event } of read.events) if (event.key !== '') seen++;
  }
  const end = cpuNs();
  if (seen !== events.length) throw new Error(`${seen} of ${events.length} events came back`);
  const bytes = records.reduce((sum, record) => sum + record.length, 0);
  return { ns: { encode: between - begun, decode: end - between }, bytes, records: records.length };
}

function asJson(events: readonly UsageEvent[], partitions: number): Round {
  const records: Buffer[] = [];
  const targets = new Uint32Array(partitions);
  const begun = cpuNs();
  for (const event of events) {
    targets[partitionOf(event.key, partitions)]++;
    records.push(Buffer.from(JSON.stringify(event)));
  }
  const between = cpuNs();
  let seen = 0;
  for (const record of records) if ((JSON.parse(record.toString()) as UsageEvent).key !== '') seen++;
  const end = cpuNs();
  if (seen !== events.length) throw new Error(`${seen} of ${events.length} events came back`);
  const bytes = records.reduce((sum, record) => sum + record.length, 0);
  return { ns: { encode: between - begun, decode: end - between }, bytes, records: records.length };
}

function main(): void {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '300000' },
      keys: { type: 'string', default: '1000' },
      partitions: { type: 'string', default: '12' },
      rounds: { type: 'string', default: '7' },
    },
  });
  const partitions = wholeNumber('partitions', values.partitions, 1_000);
  const rounds = wholeNumber('rounds', values.rounds, 100);
  const events = eventsOf(wholeNumber('events', values.events, 2_000_000), wholeNumber('keys', values.keys, 1_000_000));
  const subjects = [
    { name: 'JSON, one event a record', run: asJson, rounds: [] as Round[] },
    { name: 'packs', run: packed, rounds: [] as Round[] },
  ];
  for (let round = 0; round < rounds; round++)
    for (const subject of subjects) subject.rounds.push(subject.run(events, partitions));
  const us = (ns: number) => ns / events.length / 1_000;
  const rows = subjects.map(({ name, rounds: all }) => [
    name,
    spread(
      all.map(({ ns }) => us(ns.encode)),
      2,
    ),
    spread(
      all.map(({ ns }) => us(ns.decode)),
      2,
    ),
    spread(
      all.map(({ ns }) => us(ns.encode + ns.decode)),
      2,
    ),
    (all[0].bytes / events.length).toFixed(0),
    (events.length / all[0].records).toFixed(0),
  ]);
  const count = events.length.toLocaleString('en-US');
  console.log(
    `Node ${process.version}; ${count} events, ${partitions} partitions, ${rounds} rounds: median [min..max].\n`,
  );
  console.log(
    table(['records', 'µs to encode', 'µs to decode', 'µs in all', 'bytes an event', 'events a record'], rows),
  );
}

try {
  main();
} catch (error) {
  console.error(`bench:repartition: ${(error as Error).message}`);
  process.exitCode = error instanceof RangeError || error instanceof TypeError ? 2 : 1;
}
