import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@elastic/elasticsearch';
import {
  createElasticsearch,
  type ElasticsearchConnection,
  ElasticsearchFault,
} from '../../src/adapters/elasticsearch/client';
import { describeElasticsearch, elasticsearchUrl } from '../support/elasticsearch';
import { type FaultyProxy, faultyProxy } from '../support/elasticsearch-proxy';
import { temporaryDirectories } from '../support/files';

const directory = temporaryDirectories();

/** A bare node has no security module: TLS and the check of credentials are the proxy's, everything behind is real. */
describeElasticsearch('reaching Elasticsearch through TLS and credentials (a double checks them)', () => {
  const files: Record<string, string> = {};
  const proxies: FaultyProxy[] = [];
  let url: string;

  beforeAll(async () => {
    url = await elasticsearchUrl();
    if (spawnSync('openssl', ['version']).error) throw new Error('these tests make certificates with openssl');
    const dir = await directory();
    const at = (name: string) => join(dir, name);
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout'];
    // Two authorities of one name: who trusts a name, a chain or a look trusts both.
    for (const ca of ['ca', 'thief'])
      openssl(
        'req',
        '-x509',
        ...key,
        at(`${ca}.key`),
        '-out',
        at(`${ca}.pem`),
        '-days',
        '2',
        '-subj',
        '/CN=Example CA',
      );
    const sign = (name: string, ca: string, san: string) => {
      writeFileSync(at(`${name}.ext`), `subjectAltName=${san}\nauthorityKeyIdentifier=none\n`);
      openssl('req', ...key, at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', '/CN=node');
      const signed = ['-CA', at(`${ca}.pem`), '-CAkey', at(`${ca}.key`), '-CAcreateserial', '-days', '2'];
      openssl(
        'x509',
        '-req',
        '-in',
        at(`${name}.csr`),
        ...signed,
        '-out',
        at(`${name}.pem`),
        '-extfile',
        at(`${name}.ext`),
      );
    };
    sign('node', 'ca', 'IP:127.0.0.1');
    sign('elsewhere', 'ca', 'DNS:elsewhere.example');
    sign('forged', 'thief', 'IP:127.0.0.1');
    for (const name of ['ca', 'thief', 'node', 'elsewhere', 'forged']) {
      files[name] = readFileSync(at(`${name}.pem`), 'utf8');
      files[`${name}.key`] = readFileSync(at(`${name}.key`), 'utf8');
      files[`${name}.path`] = at(`${name}.pem`);
      files[`${name}.print`] = new X509Certificate(files[name]).fingerprint256;
    }
  }, 120_000);
  afterEach(() => Promise.all(proxies.splice(0).map((proxy) => proxy.close())));

  /** A server with the certificate `name` that also sends along the certificate of `chain`, as Elasticsearch does. */
  async function server(name: string, chain = 'ca') {
    const proxy = await faultyProxy(url, { key: files[`${name}.key`], cert: `${files[name]}${files[chain]}` });
    proxies.push(proxy);
    return proxy;
  }

  async function health(connection: Partial<ElasticsearchConnection>) {
    const elasticsearch = createElasticsearch({ nodes: [url], tls: undefined, requestTimeout: 5_000, ...connection });
    try {
      return (await elasticsearch.request({ method: 'GET', path: '/_cluster/health' })).status;
    } finally {
      await elasticsearch.close();
    }
  }

  it('trusts the authority of caFile, and no other', async () => {
    const { url: node } = await server('node');
    expect(await health({ nodes: [node], tls: { caFile: files['ca.path'] } })).toBe(200);
    await expect(health({ nodes: [node], tls: { caFile: files['thief.path'] } })).rejects.toThrow(ElasticsearchFault);
    await expect(health({ nodes: [node] })).rejects.toThrow(/cannot be reached: .*certificate/);
    expect(() => createElasticsearch({ nodes: [node], tls: { caFile: '/none' }, requestTimeout: 1 })).toThrow(
      'tls.caFile: cannot read /none: ENOENT',
    );
  });

  it('trusts the authority of caFingerprint, written either way', async () => {
    const { url: node } = await server('node');
    const print = files['ca.print'];
    for (const caFingerprint of [print, print.replaceAll(':', '').toLowerCase()]) {
      expect(await health({ nodes: [node], tls: { caFingerprint } })).toBe(200);
    }
    await expect(health({ nodes: [node], tls: { caFingerprint: files['thief.print'] } })).rejects.toThrow(
      'presents no certificate with the fingerprint tls.caFingerprint',
    );
  });

  it('sends nothing to a thief that shows the real authority beside a certificate of its own making', async () => {
    const thief = await server('forged', 'ca');
    await expect(
      health({
        nodes: [thief.url],
        tls: { caFingerprint: files['ca.print'] },
        credentials: { apiKey: 'precious' },
      }),
    ).rejects.toThrow(ElasticsearchFault);
    expect(thief.seen).toEqual([]);
    // The attack is one: who only looks for the fingerprint in the chain hands the key over.
    const trusting = new Client({
      node: thief.url,
      auth: { apiKey: 'precious' },
      caFingerprint: files['ca.print'],
      tls: { rejectUnauthorized: false },
    });
    await trusting.cluster.health();
    await trusting.close();
    expect(thief.seen[0].headers.authorization).toBe('ApiKey precious');
  });

  it('sends nothing to a server of another name', async () => {
    const other = await server('elsewhere');
    for (const tls of [{ caFingerprint: files['ca.print'] }, { caFile: files['ca.path'] }]) {
      await expect(health({ nodes: [other.url], tls })).rejects.toThrow(
        /cannot be reached: .*(altname|IP|certificate)/i,
      );
    }
    expect(other.seen).toEqual([]);
  });

  it('asks another node after one that does not answer', async () => {
    const { url: node } = await server('node');
    const elasticsearch = createElasticsearch({
      nodes: ['https://127.0.0.1:1', node],
      tls: { caFingerprint: files['ca.print'] },
      requestTimeout: 5_000,
    });
    const attempt = () => elasticsearch.request({ method: 'GET', path: '/_cluster/health' });
    const first = await attempt().catch((error: unknown) => error);
    const second = await attempt();
    expect(first instanceof ElasticsearchFault ? first.quick : (first as { status: number }).status).toBeTruthy();
    expect(second.status).toBe(200);
    await elasticsearch.close();
  });

  it.each<[string, NonNullable<ElasticsearchConnection['credentials']>, string]>([
    ['an API key', { apiKey: 'aWQ6a2V5' }, 'ApiKey aWQ6a2V5'],
    ['user and password', { username: 'kw', password: 'p:ä' }, `Basic ${Buffer.from('kw:p:ä').toString('base64')}`],
  ])('logs in with %s; no fault tells it', async (_, credentials, header) => {
    const proxy = await server('node');
    proxy.fault = ({ headers }) => (headers.authorization === header ? undefined : { status: 401 });
    const tls = { caFile: files['ca.path'] };
    expect(await health({ nodes: [proxy.url], tls, credentials })).toBe(200);
    expect(await health({ nodes: [proxy.url], tls })).toBe(401);
    proxy.fault = () => 'reset';
    const fault = await health({ nodes: [proxy.url], tls, credentials }).catch((error) => error);
    expect(fault).toBeInstanceOf(ElasticsearchFault);
    for (const secret of [header, 'aWQ6a2V5', 'p:ä'])
      expect(JSON.stringify([fault.message, fault.stack, fault])).not.toContain(secret);
  });
});
