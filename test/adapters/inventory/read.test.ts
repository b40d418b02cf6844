import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRows } from '../../../src/adapters/inventory/read';
import { sealed } from '../../../src/adapters/inventory/seal';
import { createInventoryStore } from '../../../src/adapters/inventory/store';
import { temporaryDirectories } from '../../support/files';

const makeDirectory = temporaryDirectories();

async function read(name: string, text: string, scopes: Readonly<Record<string, readonly string[]>> = {}) {
  const path = join(await makeDirectory(), name);
  await writeFile(path, text);
  const { rows, bad: badRows } = await readRows(path, scopes);
  return { inventory: sealed(rows), bad: badRows };
}

const yaml = `
- key: k1
  owner: payments
  tier: gold
  hours: mon-fri 08:00-18:00 Europe/Berlin
  cidrs: [203.0.113.0/24, "2001:db8::/32"]
  countries: [DE]
  scopes: [read]
  expires: 2027-01-01
- key: k2
  predecessor: k1
`;
const csv =
  '\uFEFFkey,owner,tier,hours,cidrs,countries,scopes,expires,predecessor\r\n' +
  'k2,,,,,,,,k1\r\n' +
  '"k1",payments,gold,mon-fri 08:00-18:00 Europe/Berlin,203.0.113.0/24; 2001:db8::/32,DE,read,2027-01-01,\r\n';
const ndjson = [
  {
    key: 'k1',
    owner: 'payments',
    tier: 'gold',
    hours: 'mon-fri 08:00-18:00 Europe/Berlin',
    cidrs: ['203.0.113.0/24', '2001:db8::/32'],
    countries: ['DE'],
    scopes: ['read'],
    expires: '2027-01-01T00:00:00Z',
  },
  { key: 'k2', predecessor: 'k1' },
]
  .map((row) => JSON.stringify(row))
  .join('\n');
const scopes = { read: ['GET /v1/*'] };

test('the same keys in YAML, CSV and NDJSON make the same inventory', async () => {
  const all = [
    await read('keys.yaml', yaml, scopes),
    await read('keys.yml', `keys:${yaml.replace(/^/gm, '  ')}`, scopes),
    await read('keys.csv', csv, scopes),
    await read('keys.ndjson', ndjson, scopes),
    await read('keys.json', JSON.stringify(ndjson.split('\n').map((line) => JSON.parse(line))), scopes),
  ];
  for (const { inventory, bad } of all) {
    expect(bad).toEqual([]);
    expect(inventory.digest).toBe(all[0].inventory.digest);
  }
  const { inventory } = all[0];
  expect(inventory.of('k1')).toMatchObject({
    tier: 'gold',
    routes: ['GET /v1/*'],
    expires: Date.UTC(2027, 0, 1),
    hours: { zone: 'Europe/Berlin', days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' },
  });
  expect(inventory.of('k3')).toBeUndefined();
});

test('a key is found by the keyed hash of its secret too', async () => {
  const { inventory } = await read('keys.ndjson', '{"key":"k1","secretHash":"h1:abc"}');
  expect(inventory.of('h1:abc')?.key).toBe('k1');
});

test('a row that gives the id of another key as its hash does not take its place', async () => {
  const { inventory } = await read('keys.ndjson', '{"key":"k1","tier":"gold"}\n{"key":"k2","secretHash":"k1"}');
  expect(inventory.of('k1')?.tier).toBe('gold');
});

describe('a bad row is told with its line and reason, and the good ones are used', () => {
  test.each([
    ['{"key":"bad","cidrs":["10.0.0.0/33"]}', /^cidrs.* neither an address, a CIDR/],
    ['{"key":"bad","cidrs":["10.0.0.0/"]}', /cidrs\.0: expected an address or a CIDR/],
    ['{"key":"bad","cidrs":["10.0.0.0/8/8"]}', /cidrs\.0: expected an address or a CIDR/],
    ['{"key":"bad","cidrs":["ten"]}', /cidrs\.0: expected an address or a CIDR/],
    ['{"key":"bad","countries":["Germany"]}', /countries\.0: expected a country/],
    ['{"key":"bad","hours":"always"}', /hours: expected a text such as/],
    ['{"key":"bad","hours":"mon-fri 08:00-18:00 Europe/Atlantis"}', /hours\.zone: expected a zone/],
    ['{"key":"bad","hours":"mon-foo 08:00-18:00 UTC"}', /hours: expected days/],
    ['{"key":"bad","hours":"mon-fri 25:00-18:00 UTC"}', /hours\.from: expected a time/],
    ['{"key":"bad","scopes":["write"]}', /scopes: a scope that inventory\.scopes does not list/],
    ['{"key":"bad","scopes":["constructor"]}', /scopes/],
    ['{"key":"bad","routes":["orders"]}', /^(?!.*orders).* nor METHOD \/route/],
    ['{"key":"bad","predecessor":"bad"}', /cannot replace itself/],
    ['{"key":"k1"}', /earlier row/],
    ['{"key":""}', /key/],
    ['{"owner":"x"}', /key/],
    ['{"key":"bad","ownr":"x"}', /ownr|[Uu]nrecognized/],
    ['{"key":"bad","__proto__":{"tier":"gold"}}', /__proto__|[Uu]nrecognized/],
    ['{"key":', /not valid JSON/],
    ['[1]', /expected a map/],
  ])('%s', async (line, reason) => {
    const { inventory, bad } = await read('keys.ndjson', `{"key":"k1"}\n\n${line}\n{"key":"k2"}\n`);
    expect(bad).toEqual([{ line: 3, reason: expect.stringMatching(reason) }]);
    expect(inventory.rows.map(({ key }) => key)).toEqual(['k1', 'k2']);
    expect(inventory.of('k1')?.tier).toBeUndefined();
  });

  test('in CSV and YAML too', async () => {
    const inCsv = await read('keys.csv', 'key,tier\nk1,gold\nk2\nk3,silver\n');
    expect(inCsv.bad).toEqual([{ line: 3, reason: 'expected 2 cells, found 1' }]);
    expect(inCsv.inventory.rows).toHaveLength(2);
    const inYaml = await read('keys.yaml', '- key: k1\n- key: k2\n  tier: [1]\n- key: k3\n');
    expect(inYaml.bad).toEqual([{ line: 2, reason: expect.stringMatching(/^tier/) }]);
  });
});

test.each([
  ['keys.txt', 'k1', /expected a file named/],
  ['keys.csv', 'id,tier\nk1,gold\n', /column `key`/],
  ['keys.csv', 'key,tier\n"k1,gold\n', /not valid CSV/],
  ['keys.yaml', 'k1: gold\n', /expected a list/],
  ['keys.yaml', '- key: [\n', /line \d/],
  ['keys.yaml', `${'- '.repeat(100)}k`, /nested/],
  ['keys.yaml', Array.from({ length: 15_000 }, (_, i) => `n${i}: 1\n`).join(''), /too many names/],
])('%s that cannot be read as a whole is refused: %.40s', async (name, text, reason) => {
  await expect(read(name, text)).rejects.toThrow(reason);
});

test('what is no plain file is not read', async () => {
  const path = join(await makeDirectory(), 'keys.ndjson');
  await symlink('/dev/zero', path);
  await expect(readRows(path, {})).rejects.toThrow('not a plain file');
});

test('while a large inventory is read other work goes on', async () => {
  const path = join(await makeDirectory(), 'keys.ndjson');
  await writeFile(path, Array.from({ length: 10_000 }, (_, i) => `{"key":"k${i}"}\n`).join(''));
  let turns = 0;
  let reading = true;
  const other = (async () => {
    for (; reading; turns++) await new Promise((resolve) => setImmediate(resolve));
  })();
  await readRows(path, {});
  reading = false;
  await other;
  expect(turns).toBeGreaterThan(9);
});

test('an inventory is kept by its digest; one that was edited is not believed', async () => {
  const dir = await makeDirectory();
  const { inventory } = await read('keys.yaml', yaml, scopes);
  await createInventoryStore(dir).save(inventory);
  const again = await createInventoryStore(dir).load(inventory.digest);
  expect(again.rows).toEqual(inventory.rows);
  expect(again.of('k2')?.predecessor).toBe('k1');
  const path = join(dir, `${inventory.digest}.ndjson`);
  await writeFile(path, '{"key":{"key":"k1"}}\n');
  await expect(createInventoryStore(dir).load(inventory.digest)).rejects.toThrow(/changed on disk/);
  await expect(createInventoryStore(dir).load('0'.repeat(64))).rejects.toThrow();
});

test('the latest sixteen inventories are kept', async () => {
  const dir = await makeDirectory();
  const store = createInventoryStore(dir);
  const digests: string[] = [];
  for (let i = 0; i < 20; i++) {
    const { inventory } = await read('keys.ndjson', `{"key":"k${i}"}`);
    digests.push(inventory.digest);
    await store.save(inventory);
  }
  const fresh = createInventoryStore(dir);
  const there = await Promise.all(
    digests.map((digest) =>
      fresh.load(digest).then(
        () => true,
        () => false,
      ),
    ),
  );
  expect(there.filter(Boolean)).toHaveLength(16);
  expect(there[19]).toBe(true);
});
