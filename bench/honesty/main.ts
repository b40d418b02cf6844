/**
 * Is surprise honest? Counts, on traffic without thefts, the key-days whose greatest surprise reached s, for each detector,
 * against the promise P(surprise ≥ s) ≤ 2·10⁻ˢ, with the exact binomial test: simulated fleets of several mixes, and the
 * streams named by `--stream FILE …` (else the development streams, where they are there). Some minutes.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { UsageEvent } from '../../src/domain/event';
import type { Mix } from '../../src/simulate/fleet';
import { table, wholeNumber } from '../support/figures';
import { listen } from './listen';
import { addCounts, allowed, type Counts, chanceOf, LEVEL, thresholds } from './tally';
import { benign, reader } from './traffic';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5);
const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '800' },
    days: { type: 'string', default: '40' },
    rate: { type: 'string', default: '40' },
    stream: { type: 'string', multiple: true },
  },
});
const keys = wholeNumber('keys', values.keys, 65_536);
const days = wholeNumber('days', values.days, 3_660);
const rate = wholeNumber('rate', values.rate, 1_000_000);
/** Of the simulated days, those in which baselines form. */
const WARM_DAYS = 14;

const fleets: readonly { readonly name: string; readonly seed: number; readonly mix?: Mix }[] = [
  { name: 'usual mix', seed: 11 },
  { name: 'back ends', seed: 12, mix: { server: 4, web: 3, batch: 2, partner: 1 } },
  { name: 'crowds and people', seed: 13, mix: { mobile: 2, ci: 2, human: 3, partner: 2 } },
  { name: 'usual mix', seed: 14 },
];

const shared = join(__dirname, '..', '..', '..', 'shared', 'eval', 'seed-101');
const development = ['aptrepo-org.control-plain', 'aptrepo-org.control-rollout', 'semicomplete.plain']
  .map((name) => join(shared, `${name}.ndjson.gz`))
  .filter((file) => existsSync(file));

function print(title: string, { keyDays, reached }: Counts, upTo: number): void {
  const shown = thresholds.filter((s) => s <= upTo);
  console.log(`\n${title}: ${keyDays.toLocaleString('en-US')} key-days`);
  const limits = shown.map((s) => `${Math.round(allowed(s) * keyDays)}`);
  const rows = [...reached].map(([name, counts]) => [
    `\`${name}\``,
    ...shown.map((s, i) => `${counts[i]}${chanceOf(counts[i]!, keyDays, s) < LEVEL ? ' **over**' : ''}`),
  ]);
  console.log(table(['key-days that reached', ...shown.map(String)], [['allowed, 2·10⁻ˢ', ...limits], ...rows]));
}

function eventsOf(file: string): UsageEvent[] {
  const read = reader();
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : (read(line) ?? [])));
}

console.log(
  `Node ${process.version}; "over": less likely than ${LEVEL} by the exact binomial test, were the promise kept`,
);
let all: Counts = { keyDays: 0, reached: new Map() };
for (const { name, seed, mix } of fleets) {
  const events = benign({ seed, keys, days, ratePerKeyDay: rate, start: START, ...(mix === undefined ? {} : { mix }) });
  const counts = listen(events, START + WARM_DAYS * DAY);
  print(`${name}, ${keys} keys, ${days} days, seed ${seed}`, counts, 3.5);
  all = addCounts(all, counts);
}
print('all simulated fleets', all, 3.5);
for (const file of values.stream ?? development) {
  const events = eventsOf(file);
  const [first, last] = [events[0]!.ts, events.at(-1)!.ts];
  const counts = listen(events, first + 0.6 * (last - first));
  print(join(basename(dirname(file)), basename(file)), counts, 2);
}
