import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Bytes of a page; only the last one of a checkpoint is shorter. */
export const PAGE_BYTES = 256 * 1024;

const known = z.object({ id: z.string(), pages: z.number().int().min(0) });
/** A checkpoint in the topic, as far as its records have to be named. */
export type Known = z.infer<typeof known>;

const digestText = z.string().length(64);
const manifestSchema = z.object({
  format: z.literal(1),
  partition: z.number().int().min(0),
  ...known.shape,
  /** Offset in the log of the first record that is not in the state. */
  next: z.number().int().min(0),
  bytes: z.number().int().min(0),
  pageBytes: z.number().int().min(1),
  /** SHA-256 of the state, and of each page. */
  sha256: digestText,
  digests: z.array(digestText),
  /** Where in this topic its first page lies: nothing before it need be read. */
  first: z.number().int().min(0),
  /** Format of the state, and the build that wrote it. */
  state: z.number().int(),
  build: z.string(),
  /** Older checkpoints whose records are still there. */
  older: z.array(known),
});

/** The last record of a checkpoint, as JSON: with it the checkpoint is there, without it it is not. */
export type Manifest = z.infer<typeof manifestSchema>;

/** Undefined when it is none of ours. */
export function manifestOf(value: Buffer): Manifest | undefined {
  try {
    const read = manifestSchema.safeParse(JSON.parse(value.toString('utf8')));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

export const pageKey = (partition: number, id: string, page: number): string => `${partition}/${id}/${page}`;
export const manifestKey = (partition: number, id: string): string => `${partition}/${id}/manifest`;
export const keysOf = (partition: number, { id, pages }: Known): string[] => [
  manifestKey(partition, id),
  ...Array.from({ length: pages }, (_, page) => pageKey(partition, id, page)),
];

/** What a key names: the page's number, or the manifest. Undefined for keys of other partitions and other kinds. */
export function partOf(
  key: string,
  partition: number,
): { readonly id: string; readonly page: number | 'manifest' } | undefined {
  const [owner, id, page] = key.split('/');
  if (owner !== String(partition) || id === undefined || page === undefined) return undefined;
  return { id, page: page === 'manifest' ? page : Number(page) };
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Pieces cut anew into pages, each a copy. */
export function* pagesOf(pieces: readonly Uint8Array[]): Generator<Buffer> {
  let page = Buffer.allocUnsafe(PAGE_BYTES);
  let filled = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const taken = Math.min(PAGE_BYTES - filled, piece.length - at);
      page.set(piece.subarray(at, at + taken), filled);
      at += taken;
      filled += taken;
      if (filled < PAGE_BYTES) continue;
      yield page;
      page = Buffer.allocUnsafe(PAGE_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield page.subarray(0, filled);
}
