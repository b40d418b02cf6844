import { createUnkey } from '../../../src/adapters/enforcers/unkey';
import { deliver, nearby, type Stocked, suspension, vendor, vendorContract } from '../../support/vendor';

const KEY = 'key_2cGKbMxRyIzhCxo1Idjz8q';
const ROOT = 'unkey_root_3ZeaF0Lr';

/** Unkey's API v2 with one key. */
async function unkey(): Promise<Stocked> {
  const keys = new Map([[KEY, true]]);
  const problem = (status: number) => ({
    status,
    body: { meta: { requestId: 'req_1' }, error: { title: 'x', detail: 'hunter2', status, type: 'x' } },
  });
  const server = await vendor(({ method, path, headers, body }) => {
    if (headers.authorization !== `Bearer ${ROOT}`) return problem(401);
    if (method !== 'POST' || headers['content-type'] !== 'application/json') return problem(400);
    const { keyId, enabled, ...rest } = JSON.parse(body);
    if (Object.keys(rest).length > 0) return problem(400);
    if (!keys.has(keyId)) return problem(404);
    if (path === '/v2/keys.getKey') {
      const data = { keyId, start: 'sk_', enabled: keys.get(keyId), createdAt: 1, meta: { plan: 'pro' } };
      return { status: 200, body: { meta: { requestId: 'req_1' }, data } };
    }
    if (path !== '/v2/keys.updateKey' || typeof enabled !== 'boolean') return problem(400);
    keys.set(keyId, enabled);
    return { status: 200, body: { meta: { requestId: 'req_1' }, data: {} } };
  });
  return Object.assign(server, {
    key: KEY,
    passes: () => keys.get(KEY) === true,
    turn: (on: boolean) => void keys.set(KEY, on),
    remove: () => void keys.delete(KEY),
    secrets: [ROOT],
    isFirst: ({ path }: { readonly path: string }) => path === '/v2/keys.getKey',
  });
}

const create = ({ url }: { readonly url: string }) => createUnkey({ ...nearby, url, rootKey: ROOT });

vendorContract({
  name: 'unkey',
  open: unkey,
  create,
  foreign: ['k', 'key 1', '../v2/keys', 'a'.repeat(256)],
  flag: true,
});

describe('calls', () => {
  let stocked: Stocked;
  beforeEach(async () => {
    stocked = await unkey();
  });
  afterEach(() => stocked.close());

  test('only enabled is changed', async () => {
    const enforcer = create(stocked);
    await deliver(enforcer, suspension(KEY));
    expect(stocked.seen.map(({ method, path, body }) => [method, path, JSON.parse(body)])).toEqual([
      ['POST', '/v2/keys.getKey', { keyId: KEY }],
      ['POST', '/v2/keys.updateKey', { keyId: KEY, enabled: false }],
    ]);
    await enforcer.close();
  });

  test('what the vendor asks to wait is waited', async () => {
    const enforcer = create(stocked);
    stocked.instead = { status: 429, headers: { 'retry-after': '9' } };
    expect(await deliver(enforcer, suspension(KEY))).toEqual({
      ok: false,
      detail: 'keys.getKey: HTTP 429',
      permanent: false,
      retryAfterMs: 9_000,
    });
    await enforcer.close();
  });

  test.each([400, 405, 409])('HTTP %i is final', async (status) => {
    const enforcer = create(stocked);
    stocked.instead = { status, body: 'hunter2' };
    expect(await deliver(enforcer, suspension(KEY))).toEqual({
      ok: false,
      detail: `keys.getKey: HTTP ${status}`,
      permanent: true,
      retryAfterMs: undefined,
    });
    await enforcer.close();
  });

  test('a name that leads to a private address is not followed', async () => {
    const enforcer = createUnkey({
      ...nearby,
      allowPrivate: [],
      url: stocked.url.replace('127.0.0.1', 'unkey.example'),
      rootKey: ROOT,
      resolve: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    expect(await deliver(enforcer, suspension(KEY))).toMatchObject({
      ok: false,
      permanent: true,
      detail: expect.stringContaining('enforce.via.allowPrivate'),
    });
    expect(stocked.seen).toEqual([]);
    await enforcer.close();
  });

  test('an answer without end is not read to its end', async () => {
    const enforcer = create(stocked);
    stocked.instead = { status: 200, body: 'x'.repeat(2 << 20) };
    expect(await deliver(enforcer, suspension(KEY))).toMatchObject({
      ok: false,
      detail: expect.stringContaining('1 MiB'),
    });
    await enforcer.close();
  });

  test.each([
    [{ allowPrivate: [] }, 'enforce.via.allowPrivate'],
    [{ allowHttp: false }, 'enforce.via.allowHttp'],
    [{ url: 'https://user:pw@api.unkey.example' }, 'no user or password'],
  ])('an address that must not be used is refused at once: %j', (over, named) => {
    expect(() => createUnkey({ ...nearby, url: stocked.url, rootKey: ROOT, ...over })).toThrow(named);
  });
});
