import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mixInto } from '../../src/app';
import { formatRecord, simulate, type TheftLabel } from '../../src/simulate/simulate';
import { temporaryDirectories } from '../support/files';

jest.setTimeout(60_000);

const newDirectory = temporaryDirectories();

async function mix(files: readonly string[], thefts: number) {
  const lines: string[] = [];
  let labels: readonly TheftLabel[] = [];
  const attack = await mixInto({
    files,
    format: 'auto',
    seed: 2,
    thefts,
    stop: new AbortController().signal,
    onLabels: (found) => {
      expect(lines).toEqual([]);
      labels = found;
    },
    write: async (more) => void lines.push(...more),
  });
  return { lines, labels, attack };
}

test('a log goes in, the same log with thefts comes out, and the thieves’ lines are named', async () => {
  const file = join(await newDirectory(), 'log.ndjson');
  const log = [...simulate({ seed: 3, keys: 20, days: 8, ratePerKeyDay: 30 })].map((e) => e.record);
  await writeFile(file, log.map((record) => `${formatRecord(record)}\n`).join(''));
  const { lines, labels, attack } = await mix([file], 4);
  expect(labels).toHaveLength(4);
  expect(lines).toHaveLength(log.length + attack.length);
  expect(attack).toHaveLength(labels.reduce((sum, label) => sum + label.events, 0));
  const stolen = attack.map((line) => JSON.parse(lines[line]!));
  expect(new Set(stolen.map((r) => `${r.key} ${r.ip}`))).toEqual(new Set(labels.map((l) => `${l.key} ${l.thief.ip}`)));
});

test('a log without a request is refused', async () => {
  const file = join(await newDirectory(), 'empty.ndjson');
  await writeFile(file, '');
  await expect(mix([file], 1)).rejects.toThrow('no usage event found');
});

const plain = join(__dirname, '../../../shared/eval/seed-101/aptrepo-org.control-plain.ndjson.gz');
const present = existsSync(plain);
if (!present) process.stderr.write(`SKIPPED: thefts in the development data: there is no ${plain}\n`);

(present ? test : test.skip)('real traffic: thefts of most kinds, with its routes and agents', async () => {
  const { lines, labels, attack } = await mix([plain], 12);
  expect(new Set(labels.map((l) => l.kind)).size).toBeGreaterThanOrEqual(10);
  const records = lines.map((line) => JSON.parse(line));
  const thieves = new Set(attack);
  const own = records.filter((_, line) => !thieves.has(line));
  const paths = new Set(own.map((r) => r.path.replace(/\d+/, '#')));
  for (const line of attack) expect(paths).toContain(records[line].path.replace(/\d+/, '#'));
});
