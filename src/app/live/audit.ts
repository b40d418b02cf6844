import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuditLog, openAuditLog } from '../../adapters/audit/audit-log';
import { changedSections, type Digests, digestOfAll, digestsOf } from '../../adapters/audit/config-digest';
import { exportPublicKey, keptSigningKey, type SigningKey, signingKeyOf } from '../../adapters/audit/key';
import { type AuditedLedger, auditedLedger } from '../../adapters/audit/ledger';
import { tellHead } from '../../adapters/audit/notice';
import { replaceFile, writeAll } from '../../adapters/file/durable';
import { resolveSecret } from '../../adapters/secrets';
import type { Command } from '../../domain/command';
import type { Audit, InventoryStore, Ledger } from '../../ports';
import type { Runtime } from '../../runtime';
import type { Tell } from './alerts';
import { type House, messageOf } from './house';

/** The audit log, and what of the process passes through it. */
export interface Auditing {
  readonly audit: Audit;
  /** The ledger with its outcomes audited. */
  ledger(ledger: Ledger): Ledger;
  /** An inventory other than the last one is recorded before it is kept. */
  inventories(store: InventoryStore): InventoryStore;
  /** A command that was left on the command line is recorded when it has been taken. */
  commands(runtime: Pick<Runtime, 'declare' | 'command'>): Pick<Runtime, 'declare' | 'command'>;
  /** Every few seconds: heads, retention, counts of what was held. */
  tick(): Promise<void>;
}

/** Of the last start; in `state.dir`, so that the next one can tell what has changed. */
interface Seen {
  readonly config: Digests;
  readonly inventory: string;
}

export const SEEN_FILE = 'audit-seen.json';

/**
 * Opens the audit log and records the start: version, digest of the configuration, and which of its sections differ from the last
 * start's. From here on a head goes to the outputs whenever one was written.
 */
export async function openAudit(house: House, tell: Tell): Promise<Auditing> {
  const { config, context, clock, log, parts, closing, patience } = house;
  const { dir } = config.state;
  const { headEvery, keep, segmentBytes, maxBytes, heldPerMinute } = config.audit;
  const key = await signingKey(house);
  const folder = join(dir, 'audit');
  const publicKey = await exportPublicKey(folder, key);
  log.info({ fingerprint: key.fingerprint, publicKey }, 'audit log is signed; keep a copy of the public key elsewhere');
  const audit = await openAuditLog({
    dir: folder,
    key,
    clock,
    headEvery: { records: headEvery.records, ms: headEvery.time },
    segmentBytes,
    keepMs: keep,
    maxBytes,
  });
  parts.push({ name: 'audit', problem: () => audit.problem() });
  const tellHeads = headTeller(audit, tell, config.enforce.mode);
  const ledgers: AuditedLedger[] = [];
  let seen = await recordStart(audit, house);

  closing.push(async () => {
    for (const ledger of ledgers) await ledger.tick(true);
    const asked = context.stop.aborted;
    await audit
      .record({ kind: 'stop', by: asked ? 'a signal' : 'keywatch', subject: '', detail: { asked } })
      .finally(() => audit.close());
    // The first may be one under way, of an older head.
    if (!patience.ended()) await tellHeads().then(tellHeads);
  });

  return {
    audit,
    ledger(ledger) {
      const audited = auditedLedger(ledger, { audit, clock, heldPerMinute });
      ledgers.push(audited);
      return audited;
    },
    inventories: (store) => ({
      load: (digest) => store.load(digest),
      async save(inventory) {
        const { digest, rows, lists } = inventory;
        if (digest !== seen.inventory) {
          const detail = { before: seen.inventory, after: digest, keys: rows.length, lists: lists.length };
          await audit.record({ kind: 'inventory', by: 'keywatch', subject: 'inventory', detail });
        }
        await store.save(inventory);
        if (digest === seen.inventory) return;
        seen = { ...seen, inventory: digest };
        await keepSeen(dir, seen);
      },
    }),
    commands: (runtime) => ({
      declare: (digest) => runtime.declare(digest),
      async command(command) {
        const partitions = await runtime.command(command);
        // Only now: one that is left for later would be recorded each time. After a crash in between it is taken again.
        if (partitions > 0) await audit.record(entryOf(command, partitions));
        return partitions;
      },
    }),
    async tick() {
      for (const ledger of ledgers) await ledger.tick();
      await audit.tick();
      // Not waited for: a full outbox must not hold up what else time calls for.
      void tellHeads().catch((error) =>
        log.warn({ error: messageOf(error) }, 'a head of the audit log was not told yet'),
      );
    },
  };
}

async function signingKey({ config, log }: House): Promise<SigningKey> {
  const { signingKeyFrom } = config.audit;
  if (signingKeyFrom !== undefined) return signingKeyOf(resolveSecret(signingKeyFrom));
  const { key, made } = await keptSigningKey(config.state.dir);
  if (made)
    log.warn(
      { fingerprint: key.fingerprint },
      'no audit.signingKeyFrom: a key to sign the audit log was made in state.dir',
    );
  return key;
}

/** Hands on the newest head, if it was not yet. After a start the last one comes once more, with the same id. */
function headTeller(audit: AuditLog, tell: Tell, mode: 'dry-run' | 'enforce'): () => Promise<void> {
  let told: unknown;
  let telling: Promise<void> | undefined;
  const newest = async () => {
    const head = audit.head();
    if (head === undefined || head === told) return;
    await tell([tellHead(head, mode)]);
    told = head;
  };
  return () => {
    telling ??= newest().finally(() => {
      telling = undefined;
    });
    return telling;
  };
}

async function recordStart(audit: Audit, { config, context }: House): Promise<Seen> {
  const { dir } = config.state;
  const before = await readSeen(dir);
  const after = digestsOf(config);
  const changed = before === undefined ? [] : changedSections(before.config, after);
  const detail = {
    version: context.version,
    mode: config.enforce.mode,
    config: digestOfAll(after),
    first: before === undefined,
    changed,
  };
  await audit.record({ kind: 'start', by: 'keywatch', subject: '', detail });
  for (const section of changed) {
    const digests = { before: before?.config[section] ?? '', after: after[section] ?? '' };
    await audit.record({
      kind: section === 'policy' ? 'policy' : 'config',
      by: 'keywatch',
      subject: section,
      detail: digests,
    });
  }
  const seen = { config: after, inventory: before?.inventory ?? '' };
  if (before === undefined || changed.length > 0) await keepSeen(dir, seen);
  return seen;
}

/** Undefined where there is none that can be read: then nothing is said of changes. */
async function readSeen(dir: string): Promise<Seen | undefined> {
  try {
    const { config, inventory } = JSON.parse(await readFile(join(dir, SEEN_FILE), 'utf8')) as Partial<Seen>;
    return typeof config === 'object' && config !== null && typeof inventory === 'string'
      ? { config, inventory }
      : undefined;
  } catch {
    return undefined;
  }
}

function keepSeen(dir: string, seen: Seen): Promise<void> {
  return replaceFile(join(dir, SEEN_FILE), (handle) => writeAll(handle, Buffer.from(JSON.stringify(seen)), 0));
}

function entryOf(command: Command, partitions: number) {
  const { type, ...rest } = command as { readonly type: string; readonly [name: string]: unknown };
  const text = (name: string) => (typeof rest[name] === 'string' ? (rest[name] as string) : undefined);
  const until = typeof rest.until === 'number' ? new Date(rest.until).toISOString() : undefined;
  const facets = Array.isArray(rest.facets) ? rest.facets.map(String) : undefined;
  return {
    kind: kindOf(type),
    by: text('by') ?? 'keywatch',
    subject: text('key') ?? '',
    detail: {
      type,
      facet: text('facet'),
      facets,
      until,
      partitions,
      policy: type === 'policy' ? digestsOf({ policy: rest.policy }).policy : undefined,
    },
  };
}

function kindOf(type: string) {
  if (type === 'policy') return 'policy' as const;
  return type === 'mute' || type === 'unmute' ? ('feedback' as const) : ('command' as const);
}
