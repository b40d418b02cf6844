import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockState } from '../../../src/adapters/file/lock';
import { temporaryDirectories } from '../../support/files';

const makeDirectory = temporaryDirectories();

/** A process that lives until the work is done. */
async function withNeighbour(work: (pid: number) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
  try {
    await work(child.pid!);
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

test('a lock names its process, leaves nothing else behind, and goes', async () => {
  const dir = await makeDirectory();
  const unlock = await lockState(dir);
  expect(await readFile(join(dir, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
  expect(await readdir(dir)).toEqual(['lock']);
  await unlock();
  expect(await readdir(dir)).toEqual([]);
});

test('a living process keeps others out, by name', async () => {
  const dir = await makeDirectory();
  await withNeighbour(async (pid) => {
    await writeFile(join(dir, 'lock'), `${pid}\n`);
    await expect(lockState(dir)).rejects.toMatchObject({
      code: 'ELOCKED',
      message: expect.stringContaining(`process ${pid}`),
    });
    expect(await readdir(dir)).toEqual(['lock']);
  });
  await (await lockState(dir))();
});

const onLinux = process.platform === 'linux' ? test : test.failing;
onLinux('another program that got the process id of a crashed one keeps nobody out', async () => {
  const dir = await makeDirectory();
  await withNeighbour(async (pid) => {
    await writeFile(join(dir, 'lock'), `${pid} an-earlier-boot:4711\n`);
    await (await lockState(dir))();
  });
});

test('a lock that a crash left unreadable is taken over', async () => {
  const dir = await makeDirectory();
  await writeFile(join(dir, 'lock'), '');
  await (await lockState(dir))();
});
