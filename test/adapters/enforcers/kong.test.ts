import { createKong } from '../../../src/adapters/enforcers/kong';
import { deliver, nearby, releaseOf, type Stocked, suspension, vendor, vendorContract } from '../../support/vendor';

const CONSUMER = '7f3a1c9e-1111-4222-8333-944455556666';
const KEY = 'c0ffee00-aaaa-4bbb-8ccc-ddddeeeeffff';
const OTHER = 'c0ffee01-aaaa-4bbb-8ccc-ddddeeeeffff';
const TOKEN = 'admin-token-5VQm';

interface Plugin {
  readonly id: string;
  readonly name: string;
  readonly config: object;
  enabled?: boolean;
  tags: string[];
}

/** Kong's Admin API with one consumer that has two keys. Names are unique per consumer, as Kong has it. */
async function kong() {
  const plugins = new Map<string, Plugin>();
  const credentials = new Set([KEY, OTHER]);
  const byName = () => new Set([...plugins.values()].map(({ name }) => name));
  const server = await vendor(({ method, path, headers, body }) => {
    if (headers['kong-admin-token'] !== TOKEN) return { status: 401, body: { message: 'hunter2' } };
    const tag = /^\/plugins\?tags=([\w-]+)$/.exec(path)?.[1];
    if (tag !== undefined && method === 'GET') {
      const data = [...plugins.values()].filter(({ tags }) => tags.includes(tag));
      return {
        status: 200,
        body: { data: data.map((plugin) => ({ ...plugin, consumer: { id: CONSUMER } })), next: null },
      };
    }
    const credential = /^\/key-auths\/([^/]+)\/consumer$/.exec(path)?.[1];
    if (credential !== undefined && method === 'GET') {
      if (!credentials.has(credential)) return { status: 404, body: { message: 'Not found' } };
      return { status: 200, body: { id: CONSUMER, username: 'acme' } };
    }
    const [, consumer, id] = /^\/consumers\/([^/]+)\/plugins(?:\/([^/]+))?$/.exec(path) ?? [];
    if (consumer !== CONSUMER) return { status: 404, body: { message: 'Not found' } };
    if (id === undefined && method === 'POST') {
      const plugin: Plugin = JSON.parse(body);
      if (headers['content-type'] !== 'application/json') return { status: 415 };
      if (byName().has(plugin.name)) {
        return { status: 409, body: { code: 5, name: 'unique constraint violation', message: 'hunter2' } };
      }
      plugins.set(plugin.id, plugin);
      return { status: 201, body: plugin };
    }
    const found = plugins.get(id ?? '');
    if (method === 'DELETE') {
      plugins.delete(id ?? '');
      return { status: 204 };
    }
    if (found === undefined) return { status: 404, body: { message: 'Not found' } };
    if (method === 'PATCH') found.tags = JSON.parse(body).tags;
    return { status: 200, body: found };
  });
  return Object.assign(server, {
    plugins,
    key: KEY,
    passes: () => !byName().has('request-termination'),
    turn: () => undefined,
    remove: () => credentials.clear(),
    secrets: [TOKEN],
    isFirst: ({ path }: { readonly path: string }) => path.startsWith('/key-auths/'),
  }) satisfies Stocked;
}

const create = ({ url }: { readonly url: string }) =>
  createKong({ ...nearby, url, token: { header: 'Kong-Admin-Token', value: TOKEN } });

vendorContract({ name: 'kong', open: kong, create, foreign: ['acme', '..', `${KEY}/x`, `${KEY}?a`], flag: false });

describe('a consumer', () => {
  let stocked: Awaited<ReturnType<typeof kong>>;
  let enforcer: ReturnType<typeof create>;
  beforeEach(async () => {
    stocked = await kong();
    enforcer = create(stocked);
  });
  afterEach(async () => {
    await enforcer.close();
    await stocked.close();
  });

  test('says that it acts on all keys of a consumer', () => {
    expect(enforcer.capabilities.granularity).toBe('consumer');
  });

  test('is stopped by a plugin of its own', async () => {
    await deliver(enforcer, suspension(CONSUMER, { keyKind: 'consumer' }));
    const post = stocked.seen.find(({ method }) => method === 'POST');
    expect(post?.path).toBe(`/consumers/${CONSUMER}/plugins`);
    expect(JSON.parse(post?.body ?? '')).toMatchObject({
      name: 'request-termination',
      config: { status_code: 403 },
      tags: ['keywatch', expect.stringMatching(/^keywatch-[0-9a-f]{16}$/)],
    });
  });

  test('stays stopped until the last of its suspended keys is released', async () => {
    await Promise.all([deliver(enforcer, suspension(KEY)), deliver(enforcer, suspension(OTHER))]);
    expect(stocked.plugins.size).toBe(1);
    await deliver(enforcer, releaseOf(KEY));
    expect(stocked.passes()).toBe(false);
    await deliver(enforcer, releaseOf(OTHER));
    expect(stocked.passes()).toBe(true);
  });

  test('is let through also when the suspended key was replaced meanwhile', async () => {
    await deliver(enforcer, suspension(KEY));
    stocked.remove();
    expect(await deliver(enforcer, releaseOf(KEY))).toMatchObject({ ok: true });
    expect(stocked.passes()).toBe(true);
  });

  test('that people have stopped is left to them', async () => {
    stocked.plugins.set('p', { id: 'p', name: 'request-termination', config: {}, tags: [] });
    expect(await deliver(enforcer, suspension(KEY))).toMatchObject({
      ok: false,
      permanent: true,
      detail: expect.stringContaining('not of keywatch'),
    });
    expect(await deliver(enforcer, releaseOf(KEY))).toMatchObject({ ok: true });
    expect([...stocked.plugins.keys()]).toEqual(['p']);
  });

  test('whose plugin somebody has disabled is not said to be stopped', async () => {
    await deliver(enforcer, suspension(KEY));
    for (const plugin of stocked.plugins.values()) plugin.enabled = false;
    expect(await deliver(enforcer, suspension(OTHER))).toMatchObject({
      ok: false,
      permanent: true,
      detail: expect.stringContaining('disabled'),
    });
  });

  test('may be named by a person who does not say what the id stands for', async () => {
    expect(await deliver(enforcer, suspension(CONSUMER, { keyKind: undefined }))).toMatchObject({ ok: true });
    expect(stocked.passes()).toBe(false);
    const nobody = CONSUMER.replace('7', '8');
    expect(await deliver(enforcer, suspension(nobody, { keyKind: undefined }))).toMatchObject({ permanent: true });
  });

  test('without a database nothing can be changed, and it says so', async () => {
    stocked.instead = ({ method }) => (method === 'POST' ? { status: 405 } : undefined);
    expect(await deliver(enforcer, suspension(KEY))).toMatchObject({
      ok: false,
      permanent: true,
      detail: expect.stringContaining('without a database'),
    });
  });
});
