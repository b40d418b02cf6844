import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { createMetrics } from '../../src/adapters/metrics';
import type { House } from '../../src/app/live/house';
import { openInbound } from '../../src/app/live/inbound';
import { noting, openIncidents } from '../../src/app/live/incidents';
import { ownerSinks } from '../../src/app/live/owner';
import { configSchema } from '../../src/config';
import type { AuditEntry } from '../../src/domain/audit';
import { inventoryOf, keyFacts } from '../../src/domain/inventory';
import { incidentDocument } from './api';
import { enforceConfig, world } from './enforcement';
import { readMail, smtpDouble } from './smtp-double';

export const LINK_SECRET = 'link-secret-0123456789abcdef0123456789';

export interface OwnerStandOptions {
  readonly owner?: Readonly<Record<string, unknown>>;
  readonly enforce?: Parameters<typeof enforceConfig>[0];
  /** Of key `k1`. */
  readonly row?: Readonly<Record<string, unknown>>;
}

/** Mails and links as a live process has them, over a real mail client, state folder and Enforce. */
export async function ownerStand({ owner = {}, enforce = {}, row = {} }: OwnerStandOptions = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'keywatch-owner-'));
  writeFileSync(join(dir, 'link'), LINK_SECRET);
  const smtp = await smtpDouble();
  const { mail = {}, ...rest } = owner as { mail?: object };
  const config = configSchema.parse({
    source: { kind: 'stdin' },
    enforce: { mode: 'enforce', ...enforce },
    state: { dir: join(dir, 'state') },
    inbound: { port: 0 },
    owner: {
      url: 'https://keys.example/',
      linkSecretFrom: `file:${join(dir, 'link')}`,
      mail: { host: '127.0.0.1', port: smtp.port, tls: 'none', from: 'keywatch@example.com', ...mail },
      ...rest,
    },
  });
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
    [keyFacts.parse({ key: 'k1', name: 'billing', owner: 'ann@example.com', ...row }), keyFacts.parse({ key: 'k2' })],
    [],
    'd',
  );
  const warned: string[] = [];
  let url = '';
  let closing: House['closing'] = [];
  let enforcement!: Awaited<ReturnType<typeof stage.start>>;
  let tell!: Parameters<typeof noting>[1];
  const note = (facts: { url?: string }, text: string) => {
    url = facts.url ?? url;
    warned.push(JSON.stringify([facts, text]));
  };
  const houseOf = () =>
    ({
      config,
      clock: stage.clock,
      log: { info: note, warn: note, error: note },
      closing,
      metrics: createMetrics({ version: '1', now: () => 0, process: false }),
    }) as unknown as House;
  const [sink, chat] = ownerSinks(houseOf(), () => inventory);

  async function start(): Promise<void> {
    closing = [];
    const house = houseOf();
    const incidents = await openIncidents(house);
    tell = noting(incidents, async (more) => void stage.documents.push(...more));
    enforcement = await stage.start({ config: enforceConfig(enforce), audit, notices: tell });
    closing.push(() => enforcement.stop());
    await openInbound(house, {
      enforcement,
      file: incidents,
      audit,
      inventory: () => inventory,
      knows: () => false,
    });
  }
  async function stop(): Promise<void> {
    for (const close of [...closing].reverse()) await close();
  }
  await start();

  async function call(method: 'GET' | 'POST', path: string, form?: Readonly<Record<string, string>>) {
    const answer = await request(`${url}${path}`, {
      method,
      ...(form === undefined
        ? {}
        : {
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: new URLSearchParams(form).toString(),
          }),
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }
  const links = (mail = smtp.mails.at(-1)!) =>
    [...readMail(mail).text.matchAll(/^https:\/\/keys\.example(\/v1\/owner\?link=(\S+))$/gm)].map(([, path, link]) => ({
      path: path!,
      link: link!,
    }));
  const commandsDir = join(dir, 'state', 'commands');
  return {
    ...stage,
    smtp,
    sink,
    /** The second output, where `owner.chat` is configured. */
    chat: chat!,
    audited,
    faulty,
    warned,
    call,
    links,
    get enforcement() {
      return enforcement;
    },
    /** The incident of key `k1` opens, and its owner is mailed. */
    async alert(change: (document: ReturnType<typeof incidentDocument>) => unknown = (same) => same) {
      const document = change(incidentDocument(1)) as ReturnType<typeof incidentDocument>;
      await tell([document]);
      await sink.write([document]);
      return document;
    },
    /** Opens the page of a link and presses its button. */
    async confirm(path: string) {
      const { text } = await call('GET', path);
      const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';
      return call('POST', '/v1/owner', { link: field('link'), form: field('form') });
    },
    /** Commands that were left for Detect. */
    commands: () =>
      existsSync(commandsDir)
        ? readdirSync(commandsDir).map((name) => readFileSync(join(commandsDir, name), 'utf8'))
        : [],
    async restart() {
      await stop();
      await start();
    },
    async close() {
      await stop();
      await sink.close();
      await chat?.close();
      await smtp.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export type OwnerStand = Awaited<ReturnType<typeof ownerStand>>;
