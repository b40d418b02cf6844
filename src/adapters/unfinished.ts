import type { AlertDocument } from '../domain/alert';

/**
 * What the receiver already has of a write that failed half way. The same documents come again after a failure, so that
 * without this memory those of the first half would arrive twice. It lasts as long as the process: after a crash they do.
 */
export interface Unfinished {
  /** The documents that the receiver is not known to have, in order. */
  rest(documents: readonly AlertDocument[]): readonly AlertDocument[];
  have(documents: readonly AlertDocument[]): void;
  /** The write is over: nothing of it will come again. */
  finish(): void;
}

export function createUnfinished(): Unfinished {
  const had = new Set<string>();
  return {
    rest: (documents) => (had.size === 0 ? documents : documents.filter((document) => !had.has(document.event.id))),
    have: (documents) => {
      for (const document of documents) had.add(document.event.id);
    },
    finish: () => had.clear(),
  };
}
