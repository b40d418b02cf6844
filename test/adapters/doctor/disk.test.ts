import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  appendable,
  type Disk,
  freeSpace,
  stateLock,
  stateWritable,
  systemDisk,
} from '../../../src/adapters/doctor/disk';
import { temporaryDirectories } from '../../support/files';

const directory = temporaryDirectories();
const GIB = 1_073_741_824;
const freeing = (bytes: number): Disk => ({ ...systemDisk, free: async () => bytes });

test('a full disk is told as such, with what to do', async () => {
  const dir = await directory();
  const probe = () => Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
  expect(await stateWritable(dir, { ...systemDisk, probe })).toMatchObject({
    standing: 'failed',
    saw: expect.stringContaining('the disk or the quota is full'),
    todo: expect.stringContaining('free space'),
  });
  expect((await freeSpace(dir, freeing(0))).standing).toBe('failed');
});

test('the probe leaves nothing behind, and a directory that can be made is no fault', async () => {
  const dir = await directory();
  expect(await stateWritable(dir, systemDisk)).toMatchObject({ standing: 'ok' });
  expect(await stateWritable(join(dir, 'a', 'b'), systemDisk)).toMatchObject({ standing: 'ok' });
  expect(await readdir(dir)).toEqual([]);
});

test('free space is measured against 1 GiB and against the newest checkpoint of every partition', async () => {
  const dir = await directory();
  expect((await freeSpace(dir, freeing(2 * GIB))).standing).toBe('ok');
  expect((await freeSpace(dir, freeing(GIB / 2))).standing).toBe('warning');
  await mkdir(join(dir, 'checkpoints'));
  for (const [partition, generation] of [
    [0, 7],
    [0, 8],
    [1, 3],
  ]) {
    const name = `partition-${partition}.${String(generation).padStart(12, '0')}.ckpt`;
    await writeFile(join(dir, 'checkpoints', name), Buffer.alloc(1_048_576));
  }
  expect((await freeSpace(dir, freeing(2 * GIB))).saw).toContain('newest checkpoints have 2 MiB');
});

test('a lock names its living holder; one of a process that is gone is a warning', async () => {
  const dir = await directory();
  expect(await stateLock(dir)).toMatchObject({ standing: 'ok', saw: expect.stringContaining('no process') });
  await writeFile(join(dir, 'lock'), `${process.ppid} \n`);
  expect(await stateLock(dir)).toMatchObject({ standing: 'ok', saw: expect.stringContaining(String(process.ppid)) });
  await writeFile(join(dir, 'lock'), '4194305 \n');
  expect((await stateLock(dir)).standing).toBe('warning');
});

test('an output file: a new one, one that is there, a directory in its place', async () => {
  const dir = await directory();
  await writeFile(join(dir, 'a'), '');
  await chmod(join(dir, 'a'), 0o600);
  expect((await appendable('file', join(dir, 'a'))).standing).toBe('ok');
  expect((await appendable('file', join(dir, 'x', 'y'))).standing).toBe('ok');
  expect((await appendable('file', dir)).standing).toBe('failed');
  expect((await appendable('file', join(dir, 'a', 'b'))).standing).toBe('failed');
});
