import { rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { AlertDocument } from '../../domain/alert';
import { type Feedback, type IncidentLimits, type IncidentNote, Incidents } from '../../enforce/incidents';
import { type AppendLog, encodeLines, openAppendLog } from './append-log';
import { ensureDirectory, removeLeftovers, replaceFile, writeAll } from './durable';

export interface IncidentFile {
  /** What it holds. Changed by `documents` and `feedback` alone. */
  readonly incidents: Incidents;
  /** Resolves when what the documents say of incidents is on disk. Rejects when it cannot be; note them again then. */
  documents(documents: readonly AlertDocument[]): Promise<void>;
  /** The same for feedback. */
  feedback(feedback: Feedback): Promise<void>;
  /** Removes the incidents whose document is one of those, from the file too; resolves when that is done. */
  forget(of: (document: AlertDocument) => boolean): Promise<void>;
  close(): Promise<void>;
}

export interface IncidentFileOptions extends IncidentLimits {
  /** The file is compacted when it has doubled since the last time and is larger than this. Default 16 MB. */
  readonly compactAtBytes?: number;
  /** Told where the damaged file was put: the store starts anew, for it must not keep keywatch from its work. */
  readonly onDamaged?: (aside: string) => void;
}

/**
 * The incident store as one append-only file (format: append-log.ts). A note is on disk before it is seen in `incidents`; a
 * torn tail is cut off at opening; compaction replaces the file whole, so that a crash in it loses nothing. A file that was
 * damaged from outside is put aside.
 */
export async function openIncidentFile(path: string, options: IncidentFileOptions): Promise<IncidentFile> {
  const { compactAtBytes = 16 * 1024 * 1024 } = options;
  let incidents = new Incidents(options);
  await ensureDirectory(dirname(path));
  await removeLeftovers(dirname(path), (name) => name === basename(path));
  const read = () => openAppendLog(path, (text) => incidents.note(JSON.parse(text) as IncidentNote));
  let log: AppendLog | undefined = await read().catch(async (error) => {
    if (isSystemFault(error)) throw error;
    const aside = `${path}.damaged`;
    await rename(path, aside);
    options.onDamaged?.(aside);
    incidents = new Incidents(options);
    return read();
  });
  let compactedBytes = await compact();
  let last: Promise<unknown> = Promise.resolve();

  /** Writes what the store holds as a new file. Answers its length. */
  async function compact(): Promise<number> {
    await log?.close();
    log = undefined;
    const data = encodeLines([...incidents.export()].map((note) => JSON.stringify(note)));
    await replaceFile(path, (handle) => writeAll(handle, data, 0));
    log = await openAppendLog(path);
    return log.size();
  }

  function keep(notes: readonly IncidentNote[]): Promise<void> {
    const work = last.then(async () => {
      if (notes.length === 0) return;
      // A compaction that failed has left the old file whole.
      log ??= await openAppendLog(path);
      await log.append(notes.map((note) => JSON.stringify(note)));
      for (const note of notes) incidents.note(note);
      if (log.size() > Math.max(compactAtBytes, 2 * compactedBytes)) compactedBytes = await compact();
    });
    last = work.catch(() => undefined);
    return work;
  }

  return {
    get incidents() {
      return incidents;
    },
    documents: (documents) =>
      keep(
        documents
          .filter(({ keywatch, user }) => keywatch.incident !== undefined && user !== undefined)
          .map((document): IncidentNote => ({ kind: 'document', document })),
      ),
    feedback: (feedback) => keep([{ kind: 'feedback', feedback }]),
    forget(of) {
      const work = last.then(async () => {
        incidents.forget(of);
        compactedBytes = await compact();
      });
      last = work.catch(() => undefined);
      return work;
    },
    async close() {
      await last;
      await log?.close();
    },
  };
}

/** No rights, no such disk, too many files: the file itself may be sound. */
const isSystemFault = (error: unknown): boolean => typeof (error as NodeJS.ErrnoException).code === 'string';
