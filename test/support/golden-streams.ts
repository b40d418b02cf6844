/** Logs of some days made of the golden samples, with a stranger at the end. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LogFormat, logFormats } from '../../src/ingest/formats';
import { createIngest } from '../../src/ingest/ingest';

const dir = join(__dirname, '..', 'ingest', 'samples');

export const goldenSamples = readdirSync(dir).filter((name) => !name.endsWith('.expected.json'));

export const formatOfSample = (name: string): LogFormat =>
  logFormats.find((format) => name.startsWith(format)) as LogFormat;

/** The first record of a sample with an event in it, as one line, and the user agent of that event. */
function record(name: string): { line: string; agent: string } {
  const text = readFileSync(join(dir, name), 'utf8');
  const lines = name.endsWith('.json') ? [JSON.stringify(JSON.parse(text))] : text.split('\n');
  for (const line of lines) {
    const ingest = createIngest({
      format: formatOfSample(name),
      keyIs: 'auto',
      hashKey: () => 'h1:x',
      trustedProxies: [],
      maxRecordBytes: 1_048_576,
    });
    const found = ingest.ingest(Buffer.from(line)).find((result) => result.kind === 'event');
    if (found?.kind === 'event') return { line, agent: found.event.userAgent };
  }
  throw new Error(`no event in ${name}`);
}

const commonLog = (iso: string): string => {
  const month = 'Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec'.split(',')[Number(iso.slice(5, 7)) - 1];
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
};

/** The record at another time and from another address, in whatever way it writes these. */
function varied(line: string, at: number, ip: string): string {
  const iso = new Date(at).toISOString();
  return line
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, iso)
    .replace(/\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}/g, commonLog(iso))
    .replace(/\b1[78]\d{17}\b/g, `${at}000000`)
    .replace(/\b1[78]\d{11}\b/g, String(at))
    .replace(/\b1[78]\d{8}\.\d{3}\b/g, (at / 1_000).toFixed(3))
    .replace(/\b\d{1,3}(\.\d{1,3}){3}\b/g, ip);
}

export const START = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;

/** An hourly request from one address for `days`, and in the last hour three hundred refused
 * ones of another client from far away. */
export function goldenStream(name: string, days = 9): string[] {
  const { line, agent } = record(name);
  const end = START + days * 24 * HOUR;
  const lines: string[] = [];
  for (let at = START; at < end; at += HOUR) lines.push(varied(line, at, '93.184.216.34'));
  for (let i = 0; i < 300; i++) {
    const stolen = varied(line, end - HOUR + (i + 1) * 10_000, '177.71.128.9')
      .replace(/\bGET\b/g, 'POST')
      .replace(/\b200\b/g, '403')
      .replace(/"DE"/g, '"BR"');
    lines.push(agent.length < 4 ? stolen : stolen.replaceAll(agent, 'python-requests/2.31'));
  }
  return lines;
}
