import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSyncedFile } from '../../../src/adapters/file/synced-file';
import { temporaryDirectories } from '../../support/files';

const directory = temporaryDirectories();

/** The prototype of Node's file handles, to make the disk fail. */
async function handles(): Promise<FileHandle> {
  const handle = await open(__filename, 'r');
  await handle.close();
  return Object.getPrototypeOf(handle);
}

describe('synced file', () => {
  afterEach(() => jest.restoreAllMocks());

  it('shares one fsync among appends that come together, and among those that come during one', async () => {
    const file = await openSyncedFile(join(await directory(), 'f'));
    const sync = jest.spyOn(await handles(), 'datasync');
    await Promise.all(Array.from({ length: 40 }, () => file.append(Buffer.from('x'))));
    expect(sync).toHaveBeenCalledTimes(1);
    const first = file.append(Buffer.from('y'));
    await Promise.resolve();
    await Promise.resolve();
    await Promise.all([first, ...Array.from({ length: 40 }, () => file.append(Buffer.from('z')))]);
    expect(sync.mock.calls.length).toBeLessThanOrEqual(3);
    expect(await readFile(file.path, 'utf8')).toBe(`${'x'.repeat(40)}y${'z'.repeat(40)}`);
    await file.close();
  });

  it('resolves an append only after its fsync', async () => {
    const file = await openSyncedFile(join(await directory(), 'f'));
    let finish: () => void = () => {};
    jest.spyOn(await handles(), 'datasync').mockImplementation(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    let done = false;
    const appended = file.append(Buffer.from('x')).then(() => {
      done = true;
    });
    while ((await readFile(file.path)).length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    expect([done, file.size()]).toEqual([false, 0]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    finish();
    await appended;
    expect(file.size()).toBe(1);
    await file.close();
  });

  it('cuts a write off again that failed half-way, and takes the next', async () => {
    const file = await openSyncedFile(join(await directory(), 'f'));
    await file.append(Buffer.from('one,'));
    const proto = await handles();
    const write = proto.write;
    jest
      .spyOn(proto, 'write')
      .mockImplementationOnce(function (this: FileHandle) {
        return write.call(this, Buffer.from('tw') as never, 0 as never, 2 as never);
      } as never)
      .mockImplementationOnce(() => Promise.reject(new Error('ENOSPC')));
    await expect(file.append(Buffer.from('two,'))).rejects.toThrow('ENOSPC');
    expect(await readFile(file.path, 'utf8')).toBe('one,');
    await file.append(Buffer.from('three'));
    expect(await readFile(file.path, 'utf8')).toBe('one,three');
    await file.close();
  });

  it('is not written any more after a failed fsync', async () => {
    const file = await openSyncedFile(join(await directory(), 'f'));
    jest.spyOn(await handles(), 'datasync').mockRejectedValueOnce(new Error('EIO'));
    await expect(file.append(Buffer.from('x'))).rejects.toThrow('EIO');
    await expect(file.append(Buffer.from('y'))).rejects.toThrow('failed before');
    await file.close();
  });
});
