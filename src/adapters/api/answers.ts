import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { type AppendLog, encodeLines, openAppendLog } from '../file/append-log';
import { ensureDirectory, replaceFile, writeAll } from '../file/durable';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Kept extends Answer {
  /** Digest of who asked and of his idempotency key. */
  readonly id: string;
  /** Digest of what was asked. */
  readonly asked: string;
  /** Wall clock, milliseconds. */
  readonly at: number;
}

/**
 * The answers to calls with an idempotency key (draft-ietf-httpapi-idempotency-key-header): asked again, the same answer is
 * given and nothing is done. Bounded by number and time; on disk before an answer is given, so that a restart in between
 * changes nothing.
 */
export interface Answers {
  /**
   * Carries `work` out unless it was before. `other`: the key was used for something else. `running`: it is being carried out
   * at this moment. Where `work` rejects nothing is kept, and so does this.
   */
  once(call: OnceCall, work: () => Promise<Answer>): Promise<Answer | 'other' | 'running'>;
  close(): Promise<void>;
}

export interface OnceCall {
  readonly caller: string;
  readonly key: string;
  /** What is asked, as text: the same for the same. */
  readonly asked: string;
}

export interface AnswersOptions {
  readonly now: () => number;
  /** Default a day, milliseconds. */
  readonly keepMs?: number;
  /** Default 10,000. */
  readonly most?: number;
  /** Default 16 MB. */
  readonly compactAtBytes?: number;
}

const digest = (...parts: readonly string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** A file that is damaged from outside starts anew: what is lost is the protection of calls repeated over this moment. */
export async function openAnswers(path: string, options: AnswersOptions): Promise<Answers> {
  const { now, keepMs = 86_400_000, most = 10_000, compactAtBytes = 16 * 1024 * 1024 } = options;
  const kept = new Map<string, Kept>();
  const running = new Set<string>();
  await ensureDirectory(dirname(path));
  const read = (text: string) => {
    const answer = JSON.parse(text) as Kept;
    kept.set(answer.id, answer);
  };
  let log: AppendLog | undefined = await openAppendLog(path, read).catch(async (error) => {
    if (typeof (error as NodeJS.ErrnoException).code === 'string') throw error;
    kept.clear();
    await replaceFile(path, (handle) => writeAll(handle, Buffer.alloc(0), 0));
    return openAppendLog(path);
  });
  let last: Promise<unknown> = Promise.resolve();
  await compact();

  function forget(): void {
    const before = now() - keepMs;
    for (const [id, { at }] of kept) {
      if (at >= before && kept.size <= most) break;
      kept.delete(id);
    }
  }

  async function compact(): Promise<void> {
    forget();
    await log?.close();
    log = undefined;
    const data = encodeLines([...kept.values()].map((answer) => JSON.stringify(answer)));
    await replaceFile(path, (handle) => writeAll(handle, data, 0));
    log = await openAppendLog(path);
  }

  function keep(answer: Kept): Promise<void> {
    const work = last.then(async () => {
      log ??= await openAppendLog(path);
      await log.append([JSON.stringify(answer)]);
      kept.set(answer.id, answer);
      forget();
      if (log.size() > compactAtBytes) await compact();
    });
    last = work.catch(() => undefined);
    return work;
  }

  return {
    async once({ caller, key, asked }, work) {
      const id = digest(caller, key);
      const what = digest(asked);
      forget();
      const known = kept.get(id);
      if (known !== undefined) return known.asked === what ? { status: known.status, body: known.body } : 'other';
      if (running.has(id)) return 'running';
      running.add(id);
      try {
        const { status, body } = await work();
        await keep({ id, asked: what, at: now(), status, body });
        return { status, body };
      } finally {
        running.delete(id);
      }
    },
    async close() {
      await last;
      await log?.close();
    },
  };
}
