import { createTyk } from '../../../src/adapters/enforcers/tyk';
import { deliver, nearby, type Stocked, suspension, vendor, vendorContract } from '../../support/vendor';

const KEY = 'f1e2d3c4b5a69788';
const SECRET = 'tyk-node-secret-352d';

const whole = {
  org_id: '5e9d9544a1dcd60001d0ed20',
  alias: 'portal',
  is_inactive: false,
  rate: 1_000,
  per: 60,
  quota_max: -1,
  access_rights: { api: { api_id: 'api', versions: ['Default'] } },
  basic_auth_data: { password: '', hash_type: '' },
  meta_data: { plan: 'pro' },
};

/** Tyk's Gateway API with one hashed key. */
async function tyk(session: object = whole) {
  const keys = new Map<string, Record<string, unknown>>([[KEY, { ...session }]]);
  const error = (status: number) => ({ status, body: { status: 'error', message: 'hunter2' } });
  const server = await vendor(({ method, path, headers, body }) => {
    if (headers['x-tyk-authorization'] !== SECRET) return error(403);
    const url = new URL(path, 'http://x');
    const hash = /^\/tyk\/keys\/([^/]+)$/.exec(url.pathname)?.[1] ?? '';
    if (url.searchParams.get('hashed') !== 'true') return error(400);
    const found = keys.get(hash);
    if (found === undefined) return error(404);
    if (method === 'GET') return { status: 200, body: found };
    if (method !== 'PUT' || headers['content-type'] !== 'application/json') return error(405);
    if (url.searchParams.get('suppress_reset') !== '1') found.quota_renews = 0;
    keys.set(hash, JSON.parse(body));
    return { status: 200, body: { key: hash, status: 'ok', action: 'modified' } };
  });
  return Object.assign(server, {
    keys,
    key: KEY,
    passes: () => keys.get(KEY)?.is_inactive === false,
    turn: (on: boolean) => void keys.set(KEY, { ...session, is_inactive: !on }),
    remove: () => void keys.delete(KEY),
    secrets: [SECRET],
    isFirst: ({ method }: { readonly method: string }) => method === 'GET',
  }) satisfies Stocked;
}

const create = ({ url }: { readonly url: string }) => createTyk({ ...nearby, url, secret: SECRET });

vendorContract({
  name: 'tyk',
  open: tyk,
  create,
  foreign: ['eyJvcmciOiI1ZTlkIn0=', 'kv1:abc', '../apis', 'F1E2D3C4', 'f1e2d3c4b'],
  flag: true,
});

async function once<T>(session: object | undefined, look: (stocked: Awaited<ReturnType<typeof tyk>>) => Promise<T>) {
  const stocked = await tyk(session);
  try {
    return await look(stocked);
  } finally {
    await stocked.close();
  }
}

test('the whole session is written back, with nothing but is_inactive changed', () =>
  once(undefined, async (stocked) => {
    const enforcer = create(stocked);
    await deliver(enforcer, suspension(KEY));
    expect(stocked.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /tyk/keys/${KEY}?hashed=true`,
      `PUT /tyk/keys/${KEY}?hashed=true&suppress_reset=1`,
    ]);
    expect(stocked.keys.get(KEY)).toEqual({ ...whole, is_inactive: true });
    await enforcer.close();
  }));

test.each([
  ['of basic authentication', { ...whole, basic_auth_data: { password: '', hash_type: 'bcrypt' } }],
  ['with a number that would change', { ...whole, quota_max: 2 ** 60 }],
  ['that is none', { message: 'ok' }],
])('a session %s is left alone', (_, session) =>
  once(session, async (stocked) => {
    const enforcer = create(stocked);
    expect(await deliver(enforcer, suspension(KEY))).toMatchObject({ ok: false, permanent: true });
    expect(stocked.seen.every(({ method }) => method === 'GET')).toBe(true);
    await enforcer.close();
  }),
);

test('a gateway that does not hash its keys is told apart from a key that is gone', () =>
  once(undefined, async (stocked) => {
    const enforcer = create(stocked);
    stocked.instead = { status: 400 };
    expect(await deliver(enforcer, suspension(KEY))).toMatchObject({ detail: expect.stringContaining('hash_keys') });
    await enforcer.close();
  }));
