import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openJournal } from '../../../src/adapters/file/journal';
import { temporaryDirectories } from '../../support/files';

const makeDirectory = temporaryDirectories();
const entry = (next: number, partition = 0) => ({
  partition,
  next,
  kind: 'tick' as const,
  ts: 1_000 + next,
});

test('entries are there again in their order, by partition', async () => {
  const dir = await makeDirectory();
  const journal = await openJournal(dir);
  for (const each of [entry(1), entry(5, 1), entry(2)]) await journal.append(each);
  await journal.close();
  const again = await openJournal(dir);
  expect(await again.load(0)).toEqual([entry(1), entry(2)]);
  expect(await again.load(1)).toEqual([entry(5, 1)]);
  await again.close();
});

test('what no checkpoint needs any more is given up, and nothing else', async () => {
  const dir = await makeDirectory();
  const journal = await openJournal(dir);
  for (let next = 0; next < 1_200; next++) await journal.append(entry(next));
  await journal.append(entry(3, 1));
  const { size } = await stat(join(dir, 'journal.log'));
  await journal.prune(0, 1_100);
  expect((await stat(join(dir, 'journal.log'))).size).toBeLessThan(size / 5);
  await journal.append(entry(1_200));
  await journal.close();
  const again = await openJournal(dir);
  expect((await again.load(0)).map(({ next }) => next)).toEqual(Array.from({ length: 101 }, (_, i) => 1_100 + i));
  expect(await again.load(1)).toEqual([entry(3, 1)]);
  await again.close();
});

test('what a crash left of a rewrite is removed; files of others stay', async () => {
  const dir = await makeDirectory();
  await writeFile(join(dir, 'journal.log.0a1b2c3d.tmp'), 'half');
  await writeFile(join(dir, 'other.0a1b2c3d.tmp'), 'not ours');
  await (await openJournal(dir)).close();
  expect(await readdir(dir)).toEqual(['journal.log', 'other.0a1b2c3d.tmp']);
});
