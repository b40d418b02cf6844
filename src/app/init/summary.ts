import { durationText, grouped, safeText, table } from '../../adapters/terminal';
import type { Place } from './config-text';
import { SAMPLE_RECORDS, type Sample } from './sample';

const DAY = 86_400_000;
/** How much history lets most habits show: each weekday twice. */
const ENOUGH = 14 * DAY;

const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const some = (count: number, one: string, many = `${one}s`): string => `${grouped(count)} ${count === 1 ? one : many}`;

function history({ from, until, toEnd }: Sample): string {
  const span = (until ?? 0) - (from ?? 0);
  if (span >= ENOUGH) return 'two weeks or more are there: baselines will be mature';
  const missing = 'two weeks say most; a key known for less than three days alerts with low confidence';
  if (toEnd && span < DAY) return `less than a day is there; ${missing}`;
  return toEnd ? `${durationText(span)} are there; ${missing}` : `not looked at beyond the sample; ${missing}`;
}

const refusals = ({ rejected }: Sample): string[] =>
  [...rejected].map(
    ([reason, { count, line, detail }]) =>
      `${grouped(count)} × ${reason} (first in record ${grouped(line)}: ${safeText(detail, 200)})`,
  );

/** What a sample holds, for people: counts and times, and no value of a record. */
export function sampleLines(sample: Sample): string[] {
  const { records, events, keys, rawKeys, redacted, addressed, privateAddresses, noKey, from, until } = sample;
  const rows: [string, string][] = [
    ['format', `${sample.format}, ${safeText(sample.reason, 140)}`],
    ['read', `${some(records, 'record')}${records >= SAMPLE_RECORDS ? ', the first of the log' : ''}`],
    ['events', `${grouped(events)} of ${some(keys, 'key')}`],
  ];
  if (from !== undefined && until !== undefined) rows.push(['time', `${utc(from)} to ${utc(until)}`]);
  rows.push(['history', history(sample)]);
  if (rawKeys > 0) rows.push(['raw keys', `${some(rawKeys, 'key')} raw in the log; only keyed hashes are kept`]);
  if (redacted > 0) rows.push(['secrets', `removed from ${some(redacted, 'event')}`]);
  if (privateAddresses > 0)
    rows.push(['addresses', `private in ${grouped(privateAddresses)} of ${some(addressed, 'event')}`]);
  if (addressed === 0) rows.push(['addresses', 'none: networks and countries of clients cannot be judged']);
  if (noKey > 0) rows.push(['no key', `${some(noKey, 'request')}, passed over`]);
  rows.push(...refusals(sample).map((text, i): [string, string] => [i === 0 ? 'unreadable' : '', text]));
  return table(rows, { indent: '  ' });
}

/** Why nothing of a sample is of use, and what to do about it. */
export function uselessLines(sample: Sample): string[] {
  const lines = [`no usage event in ${some(sample.records, 'record')}`, ...refusals(sample)];
  if (sample.noKey > 0) {
    lines.push(`${some(sample.noKey, 'request')} without a key: --key-field NAME says where it is (docs/formats.md)`);
  }
  if (sample.rejected.size > 0 && sample.format === 'auto') {
    lines.push('JSON that no format fits is described by ingest.mapping: see config/keywatch.mapping.yaml');
  } else if (sample.rejected.size > 0) {
    lines.push(`format ${sample.format}: ${safeText(sample.reason, 140)}; --format NAME names another`);
  }
  return lines;
}

/** A word as a shell takes it. */
const word = (text: string): string =>
  /^[\w./:@%+=,-]+$/.test(text) ? text : `'${safeText(text, 4_096).replaceAll("'", "'\\''")}'`;

export interface Next {
  readonly place: Place;
  readonly out: string;
  /** The file that was looked at; undefined where there was none. */
  readonly sample: string | undefined;
  readonly rawKeys: number;
}

/** The commands that follow. */
export function nextLines({ place, out, sample, rawKeys }: Next): string[] {
  const rows: [string, string][] = [];
  if (sample !== undefined) {
    const log = sample.startsWith('-') ? `./${sample}` : sample;
    rows.push([`keywatch replay --report -c ${word(out)} ${word(log)}`, '# what would have been alerted']);
  }
  if (rawKeys > 0)
    rows.push(['export KEYWATCH_PEPPER="$(openssl rand -base64 32)"', '# keep it; then uncomment pepperFrom']);
  const feed = place.kind === 'packed' && sample !== undefined ? `zcat ${word(sample)} | ` : '';
  rows.push([`${feed}keywatch run -c ${word(out)}`, '# live, in dry run']);
  return ['Next:', ...table(rows, { indent: '  ' })];
}
