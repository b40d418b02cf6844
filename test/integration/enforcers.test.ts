import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatRecord, simulate } from '../../src/simulate/simulate';
import { easyPolicy, embedded, enforcing } from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { keywatch } from '../support/keywatch';
import { vendor } from '../support/vendor';

jest.setTimeout(60_000);

const makeDirectory = temporaryDirectories();

test('a theft in the log becomes a call of the API that has the key, with no webhook in between', async () => {
  const disabled = new Set<string>();
  const unkey = await vendor(({ path, headers, body }) => {
    if (headers.authorization !== 'Bearer unkey_root') return { status: 401 };
    const { keyId, enabled } = JSON.parse(body);
    if (path === '/v2/keys.updateKey') disabled[enabled ? 'delete' : 'add'](keyId);
    return { status: 200, body: { data: { keyId, enabled: !disabled.has(keyId) } } };
  });
  const { webhook: _, ...rails } = enforcing(unkey.url);
  const via = { kind: 'unkey', url: unkey.url, rootKeyFrom: 'env:ROOT', allowHttp: true, allowPrivate: ['127.0.0.1'] };
  const dir = await makeDirectory();
  const source = { kind: 'file', path: join(dir, 'access.ndjson'), follow: false };
  const paths = embedded(dir, { source, policy: easyPolicy, enforce: { ...rails, via } });
  const records = [...simulate({ seed: 3, keys: 12, days: 12, ratePerKeyDay: 30, thefts: 4 })];
  writeFileSync(paths.input, records.map(({ record }) => `${formatRecord(record)}\n`).join(''));
  try {
    const check = keywatch(['check-config', '-c', paths.config], { ROOT: 'unkey_root' });
    expect(await check.ended()).toBe(0);
    expect(check.printed()).toContain('for real, through unkey;');
    const run = keywatch(['run', '-c', paths.config], { ROOT: 'unkey_root' });
    expect(await run.ended()).toBe(0);
    const known = new Set(records.map(({ record }) => record.key));
    expect(disabled.size).toBeGreaterThan(0);
    expect([...disabled].every((key) => known.has(key))).toBe(true);
    expect(run.said()).not.toContain('unkey_root');
  } finally {
    await unkey.close();
  }
});
