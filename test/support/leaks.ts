import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { createMetrics } from '../../src/adapters/metrics';
import { parseSecrets, sign } from '../../src/adapters/webhook/sign';
import type { House } from '../../src/app/live/house';
import { openInbound } from '../../src/app/live/inbound';
import { noting, openIncidents } from '../../src/app/live/incidents';
import { configSchema } from '../../src/config';
import type { AuditEntry } from '../../src/domain/audit';
import { inventoryOf, keyFacts } from '../../src/domain/inventory';
import { keyedHash } from '../../src/ingest/pepper';
import { enforceConfig, world } from './enforcement';

export const PEPPER = 'pepper-0123456789abcdef0123456789';
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
export const KEY_ID = 'f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d';
export const hashOf = (raw: string) => keyedHash(raw, { pepper: Buffer.from(PEPPER), version: 1 });

/** The raw key of `k1`, by the hash of its inventory row, and of a key that the log alone knows. */
export const DECLARED = 'acme_declared_Zq81kdmA0pLq7';
export const LOGGED = 'acme_logged_77hQxP0aLm2Zt';

export const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const githubSignature = (body: string, key = pair.privateKey) =>
  signBytes('sha256', Buffer.from(body), { key, dsaEncoding: 'der' }).toString('base64');

export interface LeakStandOptions {
  readonly leaks?: Readonly<Record<string, unknown>>;
  readonly inbound?: Readonly<Record<string, unknown>>;
  readonly enforce?: Parameters<typeof enforceConfig>[0];
  /** Whether known tokens are confirmed to GitHub. */
  readonly feedback?: boolean;
}

/** The listener as a live process opens it, over a real state folder and a real Enforce; only Detect is a double. */
export async function leakStand({ leaks = {}, inbound = {}, enforce = {}, feedback }: LeakStandOptions = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'keywatch-leaks-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return `file:${join(dir, name)}`;
  };
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const config = configSchema.parse({
    source: { kind: 'stdin' },
    ingest: { pepperFrom: file('pepper', PEPPER) },
    enforce: { ...enforceConfigInput, ...enforce },
    state: { dir: join(dir, 'state') },
    inbound: { port: 0, ...inbound },
    leaks: {
      action: 'suspend',
      github: { keys: [{ id: KEY_ID, keyFrom: file('github.pem', pem) }], feedback },
      secretFrom: file('secret', SECRET),
      ...leaks,
    },
  });
  const metrics = createMetrics({ version: '1', now: () => 0, process: false });
  const logged: string[] = [];
  const note = (facts: unknown, text?: string) => void logged.push(JSON.stringify([facts, text]));
  const stage = world();
  const audited: AuditEntry[] = [];
  const faulty = { audit: false };
  const audit = {
    async record(entry: AuditEntry) {
      if (faulty.audit) throw new Error('disk full');
      audited.push(entry);
    },
  };
  const inventory = inventoryOf(
    [keyFacts.parse({ key: 'k1', name: 'billing', tenant: 'acme', tier: 'gold', secretHash: hashOf(DECLARED) })],
    [],
    'd',
  );
  let closing: House['closing'] = [];
  let url = '';
  let enforcement!: Awaited<ReturnType<typeof stage.start>>;

  async function start(): Promise<void> {
    closing = [];
    const house = {
      config,
      clock: stage.clock,
      log: { info: note, warn: note, error: note },
      closing,
      metrics,
    } as unknown as House;
    house.log.info = ((facts: { url?: string }, text: string) => {
      if (facts.url !== undefined) url = facts.url;
      note(facts, text);
    }) as typeof house.log.info;
    const incidents = await openIncidents(house);
    enforcement = await stage.start({
      config: enforceConfig(enforce),
      audit,
      notices: noting(incidents, async (more) => void stage.documents.push(...more)),
    });
    closing.push(() => enforcement.stop());
    await openInbound(house, {
      enforcement,
      file: incidents,
      audit,
      inventory: () => inventory,
      knows: (key) => key === hashOf(LOGGED) || key === 'plain-id',
    });
  }
  async function stop(): Promise<void> {
    for (const close of [...closing].reverse()) await close();
  }
  await start();

  async function post(path: string, body: string, headers: Readonly<Record<string, string>>) {
    const answer = await request(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }
  const github = (body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return post('/v1/leaks/github', text, {
      'github-public-key-identifier': KEY_ID,
      'github-public-key-signature': githubSignature(text),
      ...headers,
    });
  };
  const generic = (body: unknown, over: { id?: string; at?: number; secret?: string } = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const { id = 'n1', at = stage.clock.now(), secret = SECRET } = over;
    const seconds = Math.floor(at / 1_000);
    return post('/v1/leaks', text, {
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': sign(parseSecrets(secret), id, seconds, text),
    });
  };
  const keptFiles = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? keptFiles(join(folder, entry.name)) : [readFileSync(join(folder, entry.name), 'utf8')],
    );
  return {
    ...stage,
    audited,
    faulty,
    logged,
    post,
    github,
    generic,
    metrics,
    get enforcement() {
      return enforcement;
    },
    get url() {
      return url;
    },
    alerts: () => stage.documents.filter(({ rule, user }) => rule?.name === 'leak-notice' && user !== undefined),
    /** Everything that is left anywhere. */
    everything: async () =>
      JSON.stringify([
        stage.documents,
        stage.lines,
        audited,
        logged,
        keptFiles(join(dir, 'state')),
        await metrics.text(),
      ]),
    async restart() {
      await stop();
      await start();
    },
    async close() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const enforceConfigInput = {
  mode: 'enforce',
  webhook: { url: 'https://gateway.example/', secretFrom: 'env:NONE' },
};

export type LeakStand = Awaited<ReturnType<typeof leakStand>>;
