import { createAzureApim } from '../../../src/adapters/enforcers/azure-apim';
import { deliver, nearby, type Stocked, suspension, vendor, vendorContract } from '../../support/vendor';

const KEY = '5f1a2b3c4d5e6f0011223344';
const SUBSCRIPTION = '00000000-0000-4000-8000-00000000000a';
const SECRET = 'client-secret-9fK';
const TOKEN = 'token-of-entra-7Qz';
const PATH = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-api/providers/Microsoft.ApiManagement/service/contoso/subscriptions/`;

/** Entra's token endpoint and the Resource Manager, with one subscription. */
async function azure() {
  const states = new Map([[KEY, 'active']]);
  let version = 1;
  const error = (status: number) => ({ status, body: { error: { code: 'x', message: 'hunter2' } } });
  const server = await vendor(({ method, path, headers, body }) => {
    if (path === '/contoso.example/oauth2/v2.0/token') {
      const form = Object.fromEntries(new URLSearchParams(body));
      const { grant_type: grant, client_id: id, client_secret: secret, scope } = form;
      if (headers['content-type'] !== 'application/x-www-form-urlencoded' || !scope?.endsWith('/.default')) {
        return error(400);
      }
      if (grant !== 'client_credentials' || id !== 'app-1' || secret !== SECRET) return error(401);
      return { status: 200, body: { token_type: 'Bearer', expires_in: 3_599, access_token: TOKEN } };
    }
    if (headers.authorization !== `Bearer ${TOKEN}`) return error(401);
    const url = new URL(path, 'http://x');
    if (!url.pathname.startsWith(PATH) || url.searchParams.get('api-version') !== '2024-05-01') return error(400);
    const id = url.pathname.slice(PATH.length);
    const state = states.get(id);
    if (state === undefined) return error(404);
    if (method === 'PATCH') {
      if (url.searchParams.get('notify') !== 'false') return error(400);
      if (headers['if-match'] === undefined) return error(400);
      if (headers['if-match'] !== '*' && headers['if-match'] !== `"${version}"`) return error(412);
      states.set(id, JSON.parse(body).properties.state);
      version += 1;
    } else if (method !== 'GET') return error(405);
    const answer = { id: url.pathname, name: id, properties: { state: states.get(id), scope: '/products/p' } };
    return { status: 200, headers: { etag: `"${version}"` }, body: answer };
  });
  return Object.assign(server, {
    states,
    key: KEY,
    passes: () => states.get(KEY) === 'active',
    turn: (on: boolean) => {
      states.set(KEY, on ? 'active' : 'suspended');
      version += 1;
    },
    remove: () => void states.delete(KEY),
    secrets: [SECRET, TOKEN],
    isFirst: ({ path }: { readonly path: string }) => path.endsWith('/token'),
  }) satisfies Stocked;
}

const create = ({ url }: { readonly url: string }, now = nearby.clock.now) =>
  createAzureApim({
    ...nearby,
    clock: { now },
    url,
    subscription: SUBSCRIPTION,
    resourceGroup: 'rg-api',
    service: 'contoso',
    login: { url, tenant: 'contoso.example', clientId: 'app-1', clientSecret: SECRET },
  });

vendorContract({
  name: 'azure-apim',
  open: azure,
  // Each attempt asks for a token of its own, so that attempts can be counted.
  create: (stocked) => create(stocked, ageing()),
  foreign: ['..', 'a/b', 'a?x', 'a%2fb', '', 'a b'],
  flag: true,
});

/** A clock in which every token has run out by the next look. */
function ageing() {
  let now = nearby.clock.now();
  return () => {
    now += 3_600_000;
    return now;
  };
}

describe('a subscription', () => {
  let stocked: Awaited<ReturnType<typeof azure>>;
  let enforcer: ReturnType<typeof create>;
  beforeEach(async () => {
    stocked = await azure();
    enforcer = create(stocked);
  });
  afterEach(async () => {
    await enforcer.close();
    await stocked.close();
  });

  test('is read and changed by the calls of the documentation; a token serves for its time', async () => {
    await deliver(enforcer, suspension(KEY));
    await deliver(enforcer, suspension(KEY), true);
    const query = '?api-version=2024-05-01';
    expect(stocked.seen.map(({ method, path }) => `${method} ${path.replace(PATH, '')}`)).toEqual([
      'POST /contoso.example/oauth2/v2.0/token',
      `GET ${KEY}${query}`,
      `PATCH ${KEY}${query}&notify=false`,
      `GET ${KEY}${query}`,
    ]);
    expect(stocked.seen[2]).toMatchObject({
      headers: { 'if-match': '"1"', 'content-type': 'application/json' },
      body: '{"properties":{"state":"suspended"}}',
    });
  });

  test('is not asked for with a token about to run out', async () => {
    let now = nearby.clock.now();
    const later = create(stocked, () => now);
    const tokens = () => stocked.seen.filter(({ path }) => path.endsWith('/token')).length;
    await deliver(later, suspension(KEY));
    now += 3_298_000;
    await deliver(later, suspension(KEY), true);
    expect(tokens()).toBe(1);
    now += 1_000;
    await deliver(later, suspension(KEY), true);
    expect(tokens()).toBe(2);
    await later.close();
  });

  test('that others change between the two calls is looked at again', async () => {
    stocked.instead = ({ method }) => {
      if (method === 'PATCH') stocked.turn(true);
      return undefined;
    };
    const result = await deliver(enforcer, suspension(KEY));
    expect(result).toMatchObject({ ok: false, permanent: false, detail: expect.stringContaining('412') });
    expect(stocked.passes()).toBe(true);
  });

  test.each(['cancelled', 'expired', 'rejected'])('that is %s is neither suspended nor made active', async (state) => {
    stocked.states.set(KEY, state);
    expect(await deliver(enforcer, suspension(KEY))).toMatchObject({ ok: false, permanent: true });
    expect(stocked.states.get(KEY)).toBe(state);
  });

  test('a token that is taken back is asked for anew', async () => {
    await deliver(enforcer, suspension(KEY));
    stocked.instead = ({ path }) => (path.endsWith('/token') ? undefined : { status: 401 });
    await deliver(enforcer, suspension(KEY), true);
    stocked.instead = undefined;
    expect(await deliver(enforcer, suspension(KEY), true)).toMatchObject({ ok: true });
    expect(stocked.seen.filter(({ path }) => path.endsWith('/token'))).toHaveLength(2);
  });
});
