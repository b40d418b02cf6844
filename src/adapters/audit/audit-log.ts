import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditDetail } from '../../domain/audit';
import type { Audit, Clock } from '../../ports';
import { ensureDirectory, syncDirectory } from '../file/durable';
import { openSyncedFile, type SyncedFile } from '../file/synced-file';
import { detailOf, type SignedHead, signHead } from './head';
import type { SigningKey } from './key';
import { bounded, type RecordBody, type RecordKind, seal } from './line';
import { type Chain, recover } from './recover';
import { beginOf, segmentName, segmentsIn } from './segments';

export interface AuditLogOptions {
  readonly dir: string;
  readonly key: SigningKey;
  readonly clock: Pick<Clock, 'now'>;
  /** A head after so many records, and after so many milliseconds where any were written since. */
  readonly headEvery: { readonly records: number; readonly ms: number };
  /** A new segment begins when the present one is larger, and with every day (UTC). */
  readonly segmentBytes: number;
  /** Segments whose last record is older than `keepMs` milliseconds go; the oldest go while all together are larger than `maxBytes`. */
  readonly keepMs: number;
  readonly maxBytes: number;
}

export interface AuditLog extends Audit {
  /** The newest head on disk. */
  head(): SignedHead | undefined;
  /** Called every few seconds: writes the head that time calls for, and lets old segments go. */
  tick(): Promise<void>;
  /** Undefined when all is well, else what is wrong, for `/readyz`. */
  problem(): string | undefined;
  /** Writes a last head. */
  close(): Promise<void>;
}

/** Entries that wait for the disk; beyond, `record` rejects at once. */
const MOST_WAITING = 10_000;
const DAY_MS = 86_400_000;

/** Asks `write` for a head. */
const aHead: RecordBody = { kind: 'head', by: 'keywatch', subject: '', detail: {} };

const faultOf = (error: unknown): string =>
  `the audit log cannot be written: ${error instanceof Error ? error.message : String(error)}`;

interface Waiting {
  readonly body: RecordBody;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Open {
  readonly file: SyncedFile;
  readonly day: number;
}

/**
 * Opens the log of a directory, which no other process may write to. The rest of a write that a crash cut off is removed
 * and that is recorded. Where whole lines do not fit together nothing is removed: the log goes on in a new segment, says
 * so there, and `keywatch audit verify` names the line.
 */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const { dir, key, clock, headEvery } = options;
  await ensureDirectory(dir);
  let waiting: Waiting[] = [];
  let working: Promise<void> | undefined;
  let fault: string | undefined;
  let open: Open | undefined;
  let lookedDay = 0;
  let closed = false;
  const recovery = await recover(dir, key.publicKey);
  let chain: Chain = recovery.chain;
  let headAt = chain.head === undefined ? clock.now() : Date.parse(chain.head.at);

  const dayNow = () => Math.floor(clock.now() / DAY_MS);

  /** Appends records, and after `headEvery.records` of them a head; all or none. */
  async function write(to: Open, records: readonly RecordBody[]) {
    const lines: string[] = [];
    const at = new Date(clock.now()).toISOString();
    let next = chain;
    const add = (kind: RecordKind, by: string, subject: string, detail: AuditDetail) => {
      const { line, hash } = seal({ seq: next.seq + 1, at, kind, by, subject, detail, prev: next.hash });
      lines.push(line);
      next = { ...next, seq: next.seq + 1, hash };
    };
    const addHead = () => {
      const { seq: covers, hash, start, name } = next;
      const head = signHead({ chain: name, start, covers, hash, every: headEvery.records, at }, key);
      add('head', 'keywatch', '', detailOf(head));
      next = { ...next, head, sinceHead: 0 };
    };
    // What the head before promised holds, whatever is configured since.
    const isDue = () => next.sinceHead >= Math.min(headEvery.records, next.head?.every ?? 1);
    if (to.file.size() === 0) addHead();
    for (const { kind, by, subject, detail } of records) {
      if (kind === 'head') addHead();
      else {
        // One that a crash kept from coming.
        if (isDue()) addHead();
        add(kind, by, subject, detail);
        next = { ...next, sinceHead: next.sinceHead + 1 };
        if (isDue()) addHead();
      }
    }
    await to.file.append(Buffer.from(lines.join('')));
    if (next.head !== chain.head) headAt = clock.now();
    chain = next;
  }

  async function present(): Promise<Open> {
    if (open !== undefined && open.day === dayNow() && open.file.size() < options.segmentBytes) return open;
    await open?.file.close();
    open = undefined;
    open = { file: await openSyncedFile(join(dir, segmentName(chain.seq + 1))), day: dayNow() };
    // There may be one too many now.
    lookedDay = 0;
    return open;
  }

  /** Says in a signed head where the kept chain begins, and only then deletes what lies before. */
  async function retain(): Promise<void> {
    lookedDay = dayNow();
    const segments = await segmentsIn(dir);
    const sizes = await Promise.all(segments.map(async ({ name }) => (await stat(join(dir, name))).size));
    let bytes = sizes.reduce((sum, size) => sum + size, 0);
    let kept = 0;
    while (kept < segments.length - 1) {
      // A segment's last record is no younger than the first of the next one.
      const ended = await beginOf(dir, segments[kept + 1].name);
      const old = ended !== undefined && ended < clock.now() - options.keepMs;
      if (!old && bytes <= options.maxBytes) break;
      bytes -= sizes[kept];
      kept += 1;
    }
    if (kept === 0) return;
    const before = chain;
    chain = { ...chain, start: segments[kept].first };
    try {
      await write(await present(), [aHead]);
    } catch (error) {
      chain = before;
      throw error;
    }
    for (const { name } of segments.slice(0, kept)) await rm(join(dir, name), { force: true });
    await syncDirectory(dir);
  }

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        await write(
          await present(),
          group.map(({ body }) => body),
        );
        fault = undefined;
        for (const { resolve } of group) resolve();
      } catch (error) {
        fault = faultOf(error);
        for (const { reject } of group) reject(error);
      }
    }
  }

  /** One piece of work on the files after the other. */
  function inTurn(task: () => Promise<void>): Promise<void> {
    const turn = (working ?? Promise.resolve()).then(task);
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (working === settled) working = undefined;
      });
    working = settled;
    return turn;
  }

  const headIsDue = () => chain.sinceHead > 0 && clock.now() - headAt >= headEvery.ms;
  const writeHead = async () => write(await present(), [aHead]);

  if (recovery.unfit !== undefined) await present();
  else if (recovery.last !== undefined) {
    open = { file: await openSyncedFile(join(dir, recovery.last.name)), day: recovery.last.day };
  }
  const found = [recovery.torn, recovery.unfit].filter((detail) => detail !== undefined);
  await write(
    await present(),
    found.map((detail) => ({
      kind: detail === recovery.torn ? 'torn' : 'damaged',
      by: 'keywatch',
      subject: '',
      detail,
    })),
  );

  return {
    record(entry) {
      if (closed) return Promise.reject(new Error('the audit log is closed'));
      if (waiting.length >= MOST_WAITING) return Promise.reject(new Error('too many entries wait for the audit log'));
      return new Promise((resolve, reject) => {
        waiting.push({ body: bounded(entry), resolve, reject });
        if (waiting.length === 1) void inTurn(work);
      });
    },
    head: () => chain.head,
    tick: async () => {
      if (!headIsDue() && lookedDay === dayNow()) return;
      await inTurn(async () => {
        if (headIsDue()) await writeHead();
        if (lookedDay !== dayNow()) await retain();
      }).catch((error) => {
        fault = faultOf(error);
      });
    },
    problem: () => fault,
    close: async () => {
      closed = true;
      await inTurn(async () => {
        if (chain.sinceHead > 0) await writeHead();
      }).catch(() => undefined);
      await open?.file.close();
      open = undefined;
    },
  };
}
