import { renameSync, writeFileSync } from 'node:fs';
import { formatRecord, simulate } from '../../src/simulate/simulate';
import { documentsIn, easyPolicy, embedded, enforcing, environment, recordingReceiver } from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { keywatch } from '../support/keywatch';
import { eventually } from '../support/time';

const makeDirectory = temporaryDirectories();
const lines = [...simulate({ seed: 3, keys: 12, days: 9, ratePerKeyDay: 60, thefts: 4 })].map(
  ({ record }) => `${formatRecord(record)}\n`,
);
const until = Math.floor(lines.length / 3);

test('a file that was replaced before it was read to its end is a gap: counted, and nothing is acted on for a while', async () => {
  const receiver = await recordingReceiver();
  const settings = { policy: easyPolicy, enforce: enforcing(receiver.url) };
  const paths = embedded(await makeDirectory(), settings);
  writeFileSync(paths.input, lines.slice(0, until).join(''));
  const first = keywatch(['run', '-c', paths.config], environment);
  await eventually(async () => (await first.metric('keywatch_records_consumed_total')) === until);
  expect(await first.metric('keywatch_input_gaps_total')).toBe(0);
  expect(await first.stop()).toBe(0);
  const before = receiver.bodies.filter((body) => body.includes('key.suspend.requested')).length;

  writeFileSync(`${paths.input}.new`, lines.slice(until).join(''));
  renameSync(`${paths.input}.new`, paths.input);
  const again = keywatch(['run', '-c', paths.config], environment);
  await eventually(async () => (await again.metric('keywatch_records_consumed_total')) === lines.length - until);
  expect(await again.metric('keywatch_input_gaps_total')).toBe(1);
  expect(await again.stop()).toBe(0);
  const held = documentsIn(paths.alerts).filter(({ keywatch: { request } }) => request?.rail === 'data-quality');
  expect(held.length).toBeGreaterThan(0);
  expect(receiver.bodies.filter((body) => body.includes('key.suspend.requested'))).toHaveLength(before);
  await receiver.close();
}, 90_000);
