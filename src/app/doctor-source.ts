import { open } from 'node:fs/promises';
import type { ClockReading } from '../adapters/doctor/clock';
import { readable } from '../adapters/doctor/disk';
import type { Examined } from '../adapters/doctor/examined';
import { CHECK_MS, type Finding, ok, warning, within } from '../adapters/doctor/finding';
import { brokersReachable, groupPlace, loginAccepted, topicExists, topicKeeps } from '../adapters/doctor/kafka';
import { newestRecords, READ_MS, type ReadRecord } from '../adapters/doctor/kafka-records';
import { recordsFinding, SAMPLE_RECORDS } from '../adapters/doctor/sample';
import { explain } from '../adapters/kafka/faults';
import type { Config } from '../config';
import { createIngest } from '../ingest/ingest';
import { doctorKafka } from './doctor-kafka';
import { configuredHasher } from './hashing';

/** Whether the log can be read, and holds what it should. */
export async function sourceFindings(config: Config, now: () => number): Promise<Examined> {
  const { source } = config;
  if (source.kind === 'kafka') return kafkaSourceFindings(config, source, now);
  if (source.kind === 'stdin') return { findings: [], clocks: [] };
  const there = await readable('log file', source.path);
  if (there.standing !== 'ok') return { findings: [there], clocks: [] };
  const lines = await within(CHECK_MS, () => firstLines(source.path, config.ingest.maxRecordBytes));
  return { findings: [there, recordsFinding('records', ingestOf(config), lines)], clocks: [] };
}

const ingestOf = ({ ingest }: Config) => createIngest({ ...ingest, hashKey: configuredHasher(ingest) });

/** Whole lines at the beginning of a file, within the size of one record and at most 4 MiB. */
async function firstLines(path: string, maxRecordBytes: number): Promise<readonly Buffer[]> {
  const handle = await open(path, 'r');
  try {
    if (!(await handle.stat()).isFile()) return [];
    const buffer = Buffer.alloc(Math.min(4_194_304, Math.max(262_144, maxRecordBytes)));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const lines: Buffer[] = [];
    for (let from = 0; lines.length < SAMPLE_RECORDS; ) {
      const end = buffer.subarray(0, bytesRead).indexOf(10, from);
      if (end < 0) break;
      if (end > from) lines.push(buffer.subarray(from, end));
      from = end + 1;
    }
    return lines;
  } finally {
    await handle.close();
  }
}

type KafkaSource = Extract<Config['source'], { kind: 'kafka' }>;

/** Each step only where the one before it left something to ask. */
async function kafkaSourceFindings(config: Config, source: KafkaSource, now: () => number): Promise<Examined> {
  const findings: Finding[] = [];
  const clocks: ClockReading[] = [];
  const examined = { findings, clocks };
  const stops = (finding: Finding) => findings.push(finding) > 0 && finding.standing === 'failed';
  const kafka = doctorKafka(source);
  if (stops(await brokersReachable(source))) return examined;
  if (stops(await loginAccepted(kafka, source))) return examined;
  const { partitions, ...topic } = await topicExists(kafka, source.topic);
  if (stops(topic)) return examined;
  const [kept, { finding, facts }] = await Promise.all([
    topicKeeps(kafka, source.topic, config.detect.maturity),
    groupPlace(kafka, source),
  ]);
  findings.push(kept);
  if (stops(finding) && facts.size === 0) return examined;
  try {
    const records = await within(READ_MS + 2_000, () => newestRecords(kafka, source.topic, source.group, facts));
    findings.push(
      recordsFinding(
        'records',
        ingestOf(config),
        records.map(({ value }) => value),
      ),
    );
    findings.push(...keyed(records, partitions));
    const newest = Math.max(...records.map(({ timestamp }) => timestamp));
    if (newest > 0) clocks.push({ of: `the records of ${topic.check}`, theirs: newest, ours: now(), now: false });
  } catch (error) {
    findings.push(
      warning(
        'records',
        `cannot be looked at: ${explain(error, source.topic)}`,
        `give the user Read on the topic, and on groups whose names begin with ${source.group}.doctor.`,
      ),
    );
  }
  return examined;
}

function keyed(records: readonly ReadRecord[], partitions: number): readonly Finding[] {
  if (records.length === 0) return [];
  const bare = records.filter((record) => !record.keyed).length;
  if (bare === 0) return [ok('record keys', 'every record has a key')];
  const saw = `${bare} of ${records.length} records have no key`;
  if (partitions === 1) return [ok('record keys', `${saw}; with one partition it does not matter`)];
  return [
    warning(
      'record keys',
      `${saw}: with ${partitions} partitions the requests of one API key are learned as several baselines`,
      'let the gateway or a stream job key the records by API key id',
    ),
  ];
}
