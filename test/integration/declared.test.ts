import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { main } from '../../src/bin/main';
import { formatRecord, simulate } from '../../src/simulate/simulate';
import { documentsIn, embedded } from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { keywatch } from '../support/keywatch';
import { eventually } from '../support/time';

const makeDirectory = temporaryDirectories();
const lines = [...simulate({ seed: 3, keys: 6, days: 4, ratePerKeyDay: 30, thefts: 0 })].map(({ record }) => record);
const key = lines[0].key;

function command(...argv: string[]) {
  const out = new PassThrough();
  const err = new PassThrough();
  const terminal = { out, err, outIsTty: false, errIsTty: false, colour: { out: false, err: false }, width: 80 };
  const code = main(argv, { terminal, stop: new AbortController().signal, version: '0' });
  return code.then((exit) => ({ exit, said: String(out.read() ?? ''), complaint: String(err.read() ?? '') }));
}

test('an inventory on disk and a declared change reach the running process, and survive it', async () => {
  const dir = await makeDirectory();
  const keys = join(dir, 'keys.csv');
  writeFileSync(keys, `key,countries\n${key},ZZ\nother,Nowhere\n`);
  const paths = embedded(dir, { inventory: { path: keys, reload: '1s' } });
  writeFileSync(paths.input, lines.map((record) => `${formatRecord(record)}\n`).join(''));
  const run = keywatch(['run', '-c', paths.config]);
  await run.url();
  await eventually(async () => (await run.metric('keywatch_records_consumed_total')) === lines.length);
  expect(await run.metric('keywatch_inventory_keys')).toBe(1);
  expect(await run.metric('keywatch_inventory_bad_rows')).toBe(1);
  await eventually(() => documentsIn(paths.alerts).some(({ user }) => user?.id === key));
  const told = documentsIn(paths.alerts).filter(({ user }) => user?.id === key);
  expect(told[0].keywatch.evidence.map(({ detector }) => detector)).toContain('limits');

  const left = await command('expect', key, '-c', paths.config, '--by', 'ops');
  expect(left).toMatchObject({ exit: 0, complaint: '' });
  expect(readdirSync(join(paths.state, 'commands'))).toHaveLength(1);
  writeFileSync(
    join(paths.state, 'commands', `${'9'.repeat(15)}-${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}.json`),
    '{}',
  );
  await eventually(() => readdirSync(join(paths.state, 'commands')).every((name) => name.endsWith('.bad')));
  await eventually(() => run.said().includes('a change of a key is expected'));
  writeFileSync(keys, 'key,countries\n');
  await eventually(async () => (await run.metric('keywatch_inventory_keys')) === 0);
  expect(await run.stop()).toBe(0);

  const again = keywatch(['run', '-c', paths.config]);
  await again.url();
  expect(again.said()).not.toContain('is lost');
  expect(await again.stop()).toBe(0);
}, 90_000);

test('expect says what is wrong', async () => {
  const paths = embedded(await makeDirectory());
  const bad = await command('expect', '-c', paths.config, '--facets', 'limits,actr');
  expect(bad.exit).toBe(64);
  expect(bad.complaint).toMatch(/a key id is missing/);
  expect(bad.complaint).toMatch(/did you mean actor\?/);
  const past = await command('expect', 'k', '-c', paths.config, '--until', '2020-01-01T00:00:00Z');
  expect(past).toMatchObject({ exit: 64, complaint: expect.stringMatching(/lies in the past/) });
});
