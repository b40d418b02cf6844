import { rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Declared, watchDeclared } from '../../../src/adapters/inventory/declared';
import { readAddressList } from '../../../src/adapters/inventory/lists';
import { createInventoryStore } from '../../../src/adapters/inventory/store';
import { temporaryDirectories } from '../../support/files';

const makeDirectory = temporaryDirectories();

test('a list is read by lines; remarks are passed over, bad lines told of', async () => {
  const path = join(await makeDirectory(), 'list.txt');
  await writeFile(path, '\uFEFF# Tor\n192.0.2.1 ; node\r\n\n2001:DB8::/32#x\n192.0.2.1\nnonsense\n192.0.2.0/99\n');
  const { list, bad } = await readAddressList(path, { name: 'tor', rule: false });
  expect(list).toEqual({ name: 'tor', rule: false, networks: ['192.0.2.1', '2001:db8::/32'] });
  expect(bad.map(({ line }) => line)).toEqual([6, 7]);
});

test('a change of any file is news; one that cannot be read keeps what it held, and is told of once', async () => {
  const dir = await makeDirectory();
  const keys = join(dir, 'keys.ndjson');
  const tor = join(dir, 'tor.txt');
  await writeFile(keys, '{"key":"k1"}\n');
  await writeFile(tor, '192.0.2.1\n');
  const faults: string[] = [];
  let now = 0;
  const look = watchDeclared(
    {
      inventory: { path: keys, scopes: {}, reload: 1_000 },
      addressLists: [{ name: 'tor', path: tor, rule: true }],
    },
    { now: () => now },
    (file, reason) => faults.push(`${file} ${reason}`),
  );
  const after = async (change: () => Promise<unknown>): Promise<Declared | undefined> => {
    await change();
    now += 60_000;
    return look();
  };
  const touch = (path: string) => utimes(path, now / 1000 + 1, now / 1000 + 1);
  const first = await look();
  expect(first?.inventory.rows).toHaveLength(1);
  expect(first?.inventory.lists).toEqual([{ name: 'tor', rule: true, networks: ['192.0.2.1'] }]);
  expect(await after(async () => undefined)).toBeUndefined();
  const second = await after(async () => {
    await writeFile(tor, '192.0.2.1\n192.0.2.7\n');
    await touch(tor);
  });
  expect(second?.inventory.lists[0].networks).toHaveLength(2);
  expect(second?.inventory.digest).not.toBe(first?.inventory.digest);
  expect(await after(() => rm(keys))).toBeUndefined();
  expect(await after(async () => undefined)).toBeUndefined();
  expect(faults).toEqual([expect.stringMatching(/keys\.ndjson .*ENOENT/)]);
  const third = await after(() => writeFile(tor, '192.0.2.9\n').then(() => touch(tor)));
  expect(third?.inventory.rows).toHaveLength(1);

  const store = createInventoryStore(join(dir, 'store'));
  await store.save(third!.inventory);
  const again = await createInventoryStore(join(dir, 'store')).load(third!.inventory.digest);
  expect(again.lists).toEqual(third!.inventory.lists);
});

test('where nothing is configured there is nothing to declare', async () => {
  expect(await watchDeclared({ addressLists: [] }, { now: () => 0 }, () => undefined)()).toBeUndefined();
});
