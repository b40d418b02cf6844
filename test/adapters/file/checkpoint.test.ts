import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileCheckpointStore } from '../../../src/adapters/file/checkpoint';
import { checkpointOf, checkpointStoreContract } from '../../contracts/checkpoint-store';
import { temporaryDirectories } from '../../support/files';

const directory = temporaryDirectories();
const text = (state: Uint8Array | undefined) => Buffer.from(state!).toString();

describe('file checkpoint store', () => {
  describe('contract', () => {
    checkpointStoreContract(async () => {
      const dir = join(await directory(), 'deep', 'state');
      return { open: () => createFileCheckpointStore(dir), close: async () => {} };
    });
  });

  async function twoSaved() {
    const dir = await directory();
    const store = createFileCheckpointStore(dir);
    await store.save(3, checkpointOf('older'));
    await store.save(3, checkpointOf('newer'));
    const names = (await readdir(dir)).sort();
    return { dir, older: join(dir, names[0]!), newer: join(dir, names[1]!), names };
  }

  it('keeps the newest two and nothing else', async () => {
    const { dir } = await twoSaved();
    const store = createFileCheckpointStore(dir);
    for (const state of ['c', 'd', 'e']) await store.save(3, checkpointOf(state));
    expect(await readdir(dir)).toHaveLength(2);
  });

  it('falls back to the one before, wherever the newest is cut off', async () => {
    const { dir, newer } = await twoSaved();
    const whole = await readFile(newer);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(newer, whole.subarray(0, length));
      expect(text(await createFileCheckpointStore(dir).load(3))).toBe('older');
    }
  });

  it('recognises a change of any byte, and a byte too many', async () => {
    const { dir, newer } = await twoSaved();
    const whole = await readFile(newer);
    for (let at = 0; at < whole.length; at++) {
      const edited = Buffer.from(whole);
      edited[at]! ^= 1;
      await writeFile(newer, edited);
      expect(text(await createFileCheckpointStore(dir).load(3))).toBe('older');
    }
    await writeFile(newer, Buffer.concat([whole, Buffer.from('x')]));
    expect(text(await createFileCheckpointStore(dir).load(3))).toBe('older');
  });

  it('keeps the last whole one when it saves over a damaged one', async () => {
    const { dir, newer, older } = await twoSaved();
    await writeFile(newer, 'torn');
    const store = createFileCheckpointStore(dir);
    await store.load(3);
    await store.save(3, checkpointOf('newest'));
    const newest = (await readdir(dir)).sort().at(-1)!;
    expect(await readdir(dir)).toContain(older.split('/').at(-1));
    await writeFile(join(dir, newest), 'torn too');
    expect(text(await createFileCheckpointStore(dir).load(3))).toBe('older');
  });

  it('writes many small pieces as it writes one', async () => {
    const dir = await directory();
    const pieces = Array.from({ length: 2_000 }, (_, i) => `piece ${i};`);
    await createFileCheckpointStore(dir).save(3, checkpointOf(...pieces));
    expect(text(await createFileCheckpointStore(dir).load(3))).toBe(pieces.join(''));
  });

  it('says so when none is whole, and does not pretend that there was none', async () => {
    const { dir, older, newer } = await twoSaved();
    await writeFile(older, '');
    await writeFile(newer, 'KWCKPT');
    await expect(createFileCheckpointStore(dir).load(3)).rejects.toThrow(
      /no whole checkpoint of partition 3.*learn afresh/,
    );
  });

  it('ignores and removes what a crash in save left behind', async () => {
    const { dir, names } = await twoSaved();
    const leftover = `${names[1]!.replace('2.ckpt', '3.ckpt')}.0123abcd.tmp`;
    await writeFile(join(dir, leftover), (await readFile(join(dir, names[1]!))).subarray(0, 50));
    const store = createFileCheckpointStore(dir);
    expect(text(await store.load(3))).toBe('newer');
    await store.save(3, checkpointOf('next'));
    expect((await readdir(dir)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
