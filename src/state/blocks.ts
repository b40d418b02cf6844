/**
 * A state as a sequence of blocks: length of the head (uint32, little endian), head as JSON, as many bytes as its `bytes`
 * says. The first block is `state`, the last one `end`; equal states give equal bytes.
 */
export interface BlockHead {
  readonly kind: 'state' | 'layout' | 'rows' | 'column' | 'facts' | 'ids' | 'names' | 'incidents' | 'declared' | 'end';
  /** Bytes that follow the head. */
  readonly bytes: number;
}

export interface Block<Head extends BlockHead = BlockHead> {
  readonly head: Head;
  readonly data: Uint8Array;
}

const noBytes = new Uint8Array(0);

/** The pieces of a block, one after another in the state's bytes; `data` is not copied. */
export function blockOf<Head extends BlockHead>(head: Omit<Head, 'bytes'>, data: Uint8Array = noBytes): Uint8Array[] {
  const text = Buffer.from(JSON.stringify({ ...head, bytes: data.byteLength }), 'utf8');
  const framed = Buffer.allocUnsafe(4 + text.length);
  framed.writeUInt32LE(text.length, 0);
  text.copy(framed, 4);
  return data.byteLength === 0 ? [framed] : [framed, data];
}

/** The block's bytes are JSON. */
export const jsonBlockOf = <Head extends BlockHead>(head: Omit<Head, 'bytes'>, value: unknown): Uint8Array[] =>
  blockOf<Head>(head, Buffer.from(JSON.stringify(value), 'utf8'));

export const jsonOf = ({ data }: Block): unknown =>
  JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'));

/** The first head, without its block being looked at. Throws where the bytes are no state. */
export function firstHead(bytes: Uint8Array): { readonly format?: unknown } {
  const head = headAt(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  if (head === undefined) throw new Error('checkpoint is no keywatch state');
  return head.value as { format?: unknown };
}

/** All blocks in order, views of the same memory. Throws where the bytes are cut short, too long or no blocks. */
export function* blocksIn(bytes: Uint8Array): Generator<Block> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0, ended = false; !ended; ) {
    const found = headAt(buffer, at);
    if (found === undefined) throw new Error('checkpoint is cut short');
    const head = found.value as BlockHead;
    const end = found.end + head.bytes;
    if (!Number.isSafeInteger(head.bytes) || head.bytes < 0 || end > buffer.length)
      throw new Error('checkpoint is cut short');
    ended = head.kind === 'end';
    if (ended && end !== buffer.length) throw new Error('checkpoint is too long');
    yield { head, data: buffer.subarray(found.end, end) };
    at = end;
  }
}

function headAt(buffer: Buffer, at: number): { readonly value: unknown; readonly end: number } | undefined {
  if (buffer.length < at + 4) return undefined;
  const end = at + 4 + buffer.readUInt32LE(at);
  if (end > buffer.length) return undefined;
  try {
    return { value: JSON.parse(buffer.toString('utf8', at + 4, end)), end };
  } catch {
    return undefined;
  }
}
