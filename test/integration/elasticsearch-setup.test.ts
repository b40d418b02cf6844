import { join } from 'node:path';
import { createElasticsearch } from '../../src/adapters/elasticsearch/client';
import { dataStreamName } from '../../src/adapters/elasticsearch/data-stream';
import { setUpElasticsearch } from '../../src/adapters/elasticsearch/setup';
import { type Retention, TEMPLATE_VERSION, templatesOf } from '../../src/adapters/elasticsearch/templates';
import { alertDocument } from '../support/alerts';
import {
  ask,
  describeElasticsearch,
  elasticsearchUrl,
  installTemplates,
  uniqueNamespace,
  withoutModules,
} from '../support/elasticsearch';
import { type FaultyProxy, faultyProxy } from '../support/elasticsearch-proxy';
import { embedded } from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { keywatch } from '../support/keywatch';

const BASE = 'logs-keywatch.alert';
const directory = temporaryDirectories();

/**
 * One after another, on one set of templates: each test says what it finds. A bare server lacks two field types; the
 * proxy replaces them on the way, so that everything else is the real server's doing.
 */
describeElasticsearch('keywatch setup elasticsearch', () => {
  let url: string;
  let proxy: FaultyProxy;
  beforeAll(async () => {
    url = await elasticsearchUrl();
    // Before the first test here: afterwards no other suite touches the templates.
    await installTemplates(url);
    proxy = await faultyProxy(url);
    proxy.rewrite = (body) =>
      body.startsWith('{"template"') ? JSON.stringify(withoutModules(JSON.parse(body))) : body;
  }, 120_000);
  beforeEach(() => {
    proxy.fault = () => undefined;
  });
  afterAll(async () => {
    await install({ retentionMs: 90 * 86_400_000 });
    await proxy?.close();
  });

  async function install(retention: Retention, dryRun = false, namespace = 'setup_none') {
    const lines: string[] = [];
    const elasticsearch = createElasticsearch({ nodes: [proxy.url], tls: undefined, requestTimeout: 10_000 });
    try {
      await setUpElasticsearch({ elasticsearch, namespace, retention, dryRun, tell: (line) => lines.push(line) });
    } finally {
      await elasticsearch.close();
    }
    return lines;
  }
  const writes = () => proxy.seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD').length;
  /** A retention that no other test has, so that templates differ from what is there. */
  let days = 100;
  const fresh = (): Retention => ({ retentionMs: ++days * 86_400_000 });

  it('installs templates that the server takes, and the second time writes nothing', async () => {
    const retention = fresh();
    await install(retention);
    const before = writes();
    expect(await install(retention)).toEqual([
      `component template ${BASE}@mappings: unchanged`,
      `component template ${BASE}@settings: unchanged`,
      `index template ${BASE}: unchanged`,
      `data stream ${BASE}-setup_none: comes into being with the first alert`,
    ]);
    expect(writes()).toBe(before);
    const { template } = await ask<{ template: { lifecycle: unknown; settings: unknown } }>(
      url,
      'POST',
      `/_index_template/_simulate_index/${BASE}-any`,
    );
    expect(template).toMatchObject({
      lifecycle: { enabled: true, data_retention: `${days}d` },
      settings: { index: { mapping: { ignore_malformed: 'true' } } },
      mappings: {
        dynamic: 'false',
        properties: { '@timestamp': { type: 'date' }, source: { properties: { ip: { type: 'ip' } } } },
      },
    });
  });

  it('only looks in a dry run', async () => {
    await install(fresh());
    const before = writes();
    expect(await install(fresh(), true)).toEqual([
      `component template ${BASE}@mappings: unchanged`,
      `component template ${BASE}@settings: would be updated`,
      `index template ${BASE}: unchanged`,
      `data stream ${BASE}-setup_none: comes into being with the first alert`,
    ]);
    expect(writes()).toBe(before);
  });

  it('lets a data stream that is there roll over, where a template changed', async () => {
    const namespace = uniqueNamespace();
    const name = dataStreamName(namespace);
    const add = (id: string) => ask(url, 'PUT', `/${name}/_create/${id}`, alertDocument({ id }));
    const backing = async () => {
      const found = await ask<{ data_streams: { backing_indices: string[] }[] }>(url, 'GET', `/_resolve/index/${name}`);
      return [found.data_streams[0].backing_indices].flat().length;
    };
    const retention = fresh();
    await install(retention);
    await add('a');
    expect((await install(retention, false, namespace)).at(-1)).toBe(`data stream ${name}: unchanged`);
    await add('b');
    expect(await backing()).toBe(1);
    expect((await install(fresh(), false, namespace)).at(-1)).toBe(`data stream ${name}: rolled over`);
    await add('c');
    expect(await backing()).toBe(2);
  });

  it('leaves the operator’s own component alone, and what it says wins', async () => {
    await install(fresh());
    await ask(url, 'PUT', `/_component_template/${BASE}@custom`, {
      template: { lifecycle: { data_retention: '7d' }, settings: { 'index.number_of_replicas': 0 } },
    });
    try {
      await install(fresh());
      expect(await ask(url, 'POST', `/_index_template/_simulate_index/${BASE}-any`)).toMatchObject({
        template: { lifecycle: { data_retention: '7d' }, settings: { index: { number_of_replicas: '0' } } },
      });
    } finally {
      // It cannot be removed while a template names it.
      await ask(url, 'PUT', `/_component_template/${BASE}@custom`, { template: {} });
    }
  });

  it('replaces no template that is not its own, and none of a newer keywatch', async () => {
    await install(fresh());
    const [mappings] = templatesOf(fresh());
    const put = (meta: unknown, version: number) =>
      ask(url, 'PUT', `/${mappings.path}`, withoutModules({ ...mappings.body, _meta: meta, version }));
    await put({ managed_by: 'somebody' }, 1);
    await expect(install(fresh())).rejects.toThrow("is there and is not keywatch's: rename or remove it");
    await put(mappings.body._meta, TEMPLATE_VERSION + 1);
    await expect(install(fresh())).rejects.toThrow("is a newer keywatch's");
    await put({ ...mappings.body._meta, digest: 'of before' }, TEMPLATE_VERSION);
    expect(await install(fresh())).toContain(`component template ${BASE}@mappings: updated`);
  });

  it('says which rights are missing (a double of the security module answers)', async () => {
    proxy.fault = ({ method }) =>
      method === 'GET'
        ? { status: 403, body: '{"error":{"type":"security_exception","reason":"unauthorized for API key"}}' }
        : undefined;
    await expect(install(fresh())).rejects.toThrow(
      /403 security_exception: unauthorized for API key; setup needs manage_index_templates/,
    );
  });

  it('takes a lifecycle policy only where it exists (a double of the ILM module answers)', async () => {
    const headers = { 'x-elastic-product': 'Elasticsearch' };
    let policy: { status: number; body: string } = {
      status: 404,
      body: '{"error":{"type":"resource_not_found_exception"}}',
    };
    proxy.fault = ({ path }) => (path === '/_ilm/policy/logs-90d' ? { ...policy, headers } : undefined);
    const before = writes();
    await expect(install({ ilmPolicy: 'logs-90d' })).rejects.toThrow('policy logs-90d does not exist');
    expect(writes()).toBe(before);
    policy = { status: 200, body: '{"logs-90d":{}}' };
    expect(await install({ ilmPolicy: 'logs-90d' }, true)).toContain(
      `component template ${BASE}@settings: would be updated`,
    );
  });

  const command = async (settings: Record<string, unknown>, ...args: string[]) => {
    const { config } = embedded(await directory(), {
      alerts: [{ kind: 'elasticsearch', nodes: [proxy.url], allowHttp: true, ...settings }],
    });
    const run = keywatch(['setup', 'elasticsearch', '-c', config, ...args], { LOGIN: 'elastic:pass:word' });
    return { code: await run.ended(), out: run.printed(), err: run.said() };
  };

  it('as a command: requests for Kibana’s console on stdout, what it did on stderr, with credentials for this once', async () => {
    const settings = { apiKeyFrom: 'env:NOT_THERE_YET', namespace: 'setup_none', retention: '77d' };
    const dry = await command(settings, '--dry-run', '--basic-from', 'env:LOGIN');
    expect([dry.code, dry.err]).toEqual([0, expect.stringContaining(`${BASE}@settings: would be updated`)]);
    const requests = consoleRequests(dry.out);
    expect(requests.map(({ line }) => line)).toEqual([
      `PUT /_component_template/${BASE}@mappings`,
      `PUT /_component_template/${BASE}@settings`,
      `PUT /_index_template/${BASE}`,
      'PUT /_security/role/keywatch_writer',
      'POST /_security/api_key',
    ]);
    expect(requests.slice(0, 3).map(({ body }) => body)).toEqual(
      templatesOf({ retentionMs: 77 * 86_400_000 }).map(({ body }) => body),
    );
    const rights = {
      cluster: [],
      indices: [{ names: [`${BASE}-setup_none`], privileges: ['auto_configure', 'create_doc'] }],
    };
    expect(requests[3].body).toEqual(rights);
    expect(requests[4].body).toMatchObject({
      name: 'keywatch-setup_none',
      role_descriptors: { keywatch_writer: rights },
    });

    const wet = await command(settings, '--basic-from', 'env:LOGIN');
    expect([wet.code, wet.err]).toEqual([0, expect.stringContaining(`${BASE}@settings: updated`)]);
    const login = `Basic ${Buffer.from('elastic:pass:word').toString('base64')}`;
    expect(proxy.seen.at(-1)?.headers.authorization).toBe(login);
    expect(dry.out + dry.err + wet.out + wet.err).not.toContain('pass:word');
  });

  it('as a command: one broken connection is nothing', async () => {
    let requests = 0;
    proxy.fault = () => (++requests % 3 === 1 ? 'reset' : undefined);
    const run = await command({ namespace: 'setup_none', retention: '78d' });
    expect([run.code, run.err]).toEqual([0, expect.stringContaining(`${BASE}@settings: updated`)]);
    expect(requests).toBeGreaterThan(5);
  });

  it('as a command: 1 and one line where the cluster cannot be reached or a secret is missing, 2 without such an output', async () => {
    const away = await command({ nodes: ['http://127.0.0.1:1'] });
    expect([away.code, away.err]).toEqual([
      1,
      expect.stringMatching(/^keywatch: http:\/\/127\.0\.0\.1:1: cannot be reached.*\n$/),
    ]);
    const keyless = await command({ apiKeyFrom: 'env:NOT_THERE' });
    expect([keyless.code, keyless.err]).toEqual([
      1,
      'keywatch: the environment variable NOT_THERE is not set, nor is NOT_THERE_FILE\n',
    ]);
    const { config } = embedded(join(await directory()));
    const none = keywatch(['setup', 'elasticsearch', '-c', config]);
    expect(await none.ended()).toBe(2);
    expect(none.said()).toContain('alerts has no output of kind elasticsearch');
  });
});

/** Requests in the form of Kibana's console: a comment, `METHOD /path`, a JSON body. */
function consoleRequests(text: string): { line: string; body: unknown }[] {
  return text
    .split(/^# .*\n/m)
    .filter((part) => part.trim() !== '')
    .map((part) => ({ line: part.slice(0, part.indexOf('\n')), body: JSON.parse(part.slice(part.indexOf('\n'))) }));
}
