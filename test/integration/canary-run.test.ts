import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatRecord, simulate } from '../../src/simulate/simulate';
import { documentsIn, embedded, filesBelow } from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { keywatch } from '../support/keywatch';
import { eventually } from '../support/time';

const makeDirectory = temporaryDirectories();
const lines = [...simulate({ seed: 5, keys: 6, days: 6, ratePerKeyDay: 40, thefts: 0 })].map(
  ({ record }) => `${formatRecord(record)}\n`,
);
const half = Math.floor(lines.length / 2);
const KEY = 'keywatch-canary';

test('in a run over a growing file the canary is used, stolen when its time has come, and told, recorded and counted', async () => {
  const paths = embedded(await makeDirectory(), { canary: { key: KEY, every: '24h' } });
  const below = (folder: string) =>
    filesBelow(paths.state)
      .filter((file) => file.includes(folder))
      .map((file) => readFileSync(file, 'latin1'))
      .join('\n');
  writeFileSync(paths.input, lines.slice(0, half).join(''));
  const run = keywatch(['run', '-c', paths.config]);
  const thefts = () => run.metric('keywatch_canary_thefts_total');
  await run.url();
  await eventually(async () => (await run.metric('keywatch_records_consumed_total')) === half);
  await eventually(() => below('journal').includes(KEY));
  expect(await thefts()).toBe(0);

  appendFileSync(paths.input, lines.slice(half).join(''));
  await eventually(async () => (await thefts()) === 1);
  expect(await run.metric('keywatch_records_consumed_total')).toBe(lines.length);
  expect(await run.stop()).toBe(0);

  const [told] = documentsIn(paths.alerts).filter(({ event }) => event.action?.startsWith('canary-'));
  const recorded = below(join('state', 'audit'))
    .split('\n')
    .filter((line) => line.includes('"kind":"canary"'));
  expect(recorded).toHaveLength(1);
  expect(recorded[0]).toContain(`"result":"${told.event.action}"`);
  expect(recorded[0]).toContain(told.event.id);
  expect(documentsIn(paths.alerts).filter(({ user }) => user?.id === KEY)).toEqual([]);
}, 90_000);
