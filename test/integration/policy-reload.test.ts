import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatRecord, simulate } from '../../src/simulate/simulate';
import { embedded } from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { keywatch } from '../support/keywatch';
import { eventually } from '../support/time';

const makeDirectory = temporaryDirectories();

const policyRecords = (state: string): { kind: string; detail: { type?: string; policy?: string } }[] => {
  const dir = join(state, 'audit');
  return readdirSync(dir)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => readFileSync(join(dir, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line))
    .filter(({ kind, detail }) => kind === 'policy' && detail?.type === 'policy');
};

test('a changed policy is in force without a restart, audited; a fault changes nothing', async () => {
  const dir = await makeDirectory();
  const paths = embedded(dir, { policy: { rules: [{ name: 'first', when: { risk: 90 }, action: 'alert' }] } });
  const events = [...simulate({ seed: 3, keys: 4, days: 2, ratePerKeyDay: 20, thefts: 0 })];
  writeFileSync(paths.input, events.map(({ record }) => `${formatRecord(record)}\n`).join(''));
  const run = keywatch(['run', '-c', paths.config]);
  await run.url();
  await eventually(async () => (await run.metric('keywatch_records_consumed_total')) === events.length);

  const whole = readFileSync(paths.config, 'utf8');
  writeFileSync(paths.config, whole.replace('"first"', '"No Name"'));
  await eventually(() => run.said().includes('the configuration file has a fault'));
  expect(policyRecords(paths.state)).toEqual([]);

  writeFileSync(paths.config, whole.replace('"first"', '"second"'));
  await eventually(() => run.said().includes('a policy is in force from here on'));
  await eventually(() => policyRecords(paths.state).length === 1);
  expect(await run.stop()).toBe(0);

  const again = keywatch(['run', '-c', paths.config]);
  await again.url();
  await eventually(async () => (await again.metric('keywatch_ready')) === 1);
  expect(await again.stop()).toBe(0);
  expect(again.said()).not.toContain('a policy is in force');
}, 90_000);
