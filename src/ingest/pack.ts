import type { Command } from '../domain/command';
import type { UsageEvent } from '../domain/event';
import {
  FORM,
  keyKinds,
  MAGIC,
  MAX_PACK_BYTES,
  MAX_PACK_EVENTS,
  MAX_RECORD_BYTES,
  type PackOrigin,
  SHIFT,
  TYPE,
  VERSION,
} from './pack-format';

/** Gathers events of one source partition for one partition of the log. */
export interface Packer {
  /** False when the pack must be taken first: it is full, or the event does not fit beside the others. */
  add(event: UsageEvent, offset: number, index: number, timestamp: number | undefined): boolean;
  count(): number;
  /** The pack's record; the packer is empty then, ready for any source. Only where `count` is above 0. */
  take(origin: PackOrigin): Buffer;
}

const HEADER_BYTES = 24;
/** What an event needs beside its texts, at most. */
const FIXED_BYTES = 128;
const FIRST_BYTES = 16_384;

/** A difference that fits 32 bits and gives the number back exactly; −0 does not. */
function isDelta(value: number, before: number): boolean {
  const delta = value - before;
  return (delta | 0) === delta && before + delta === value && (value !== 0 || 1 / value > 0);
}

function formOf(value: number | undefined, before: number): number {
  if (value === undefined) return FORM.absent;
  return isDelta(value, before) ? FORM.delta : FORM.float;
}

/** `partitions`: of the log. Throws when a single event is too large for a record of the log, which no event of `ingest` is. */
export function createPacker(partitions: number): Packer {
  let buffer = Buffer.allocUnsafe(FIRST_BYTES);
  let view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  let at = HEADER_BYTES;
  let count = 0;
  const table = new Map<string, number>();
  let lastOffset = 0;
  let lastTs = 0;
  let lastTimestamp = 0;

  const clear = () => {
    at = HEADER_BYTES;
    count = 0;
    table.clear();
    table.set('', 1);
    lastOffset = 0;
    lastTs = 0;
    lastTimestamp = 0;
  };
  clear();

  const makeRoom = (bytes: number) => {
    if (at + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
    view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  };

  const varint = (value: number) => {
    let rest = value;
    while (rest > 127) {
      buffer[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    buffer[at++] = rest;
  };

  const number = (form: number, value: number, before: number) => {
    if (form === FORM.delta) {
      const delta = value - before;
      varint(((delta << 1) ^ (delta >> 31)) >>> 0);
    } else if (form === FORM.float) {
      view.setFloat64(at, value, true);
      at += 8;
    }
  };

  const raw = (text: string) => {
    const begin = at;
    varint(text.length << 1);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) {
        at = begin;
        varint((text.length << 1) | 1);
        at += buffer.write(text, at, 'utf16le');
        return;
      }
      buffer[at++] = code;
    }
  };

  const text = (value: string) => {
    const known = table.get(value);
    if (known !== undefined) {
      varint(known);
      return;
    }
    table.set(value, table.size + 1);
    buffer[at++] = 0;
    raw(value);
  };

  return {
    add(event, offset, index, timestamp) {
      if (count === MAX_PACK_EVENTS) return false;
      const needed = FIXED_BYTES + 2 * lengthOf(event);
      if (at + needed > MAX_PACK_BYTES && count > 0) return false;
      if (HEADER_BYTES + needed > MAX_RECORD_BYTES) throw new Error('an event is too large for the internal log');
      makeRoom(needed);
      const { ts, bytes, latencyMs, address } = event;
      const offsetForm = formOf(offset, lastOffset);
      const tsForm = formOf(ts, lastTs);
      const timestampForm = formOf(timestamp, lastTimestamp);
      const bytesForm = formOf(bytes, 0);
      const latencyForm = formOf(latencyMs, 0);
      const flags =
        (keyKinds.indexOf(event.keyKind) << SHIFT.kind) |
        (offsetForm << SHIFT.offset) |
        (tsForm << SHIFT.ts) |
        (timestampForm << SHIFT.timestamp) |
        (bytesForm << SHIFT.bytes) |
        (latencyForm << SHIFT.latency) |
        ((index === 0 ? 0 : 1) << SHIFT.index) |
        ((address === undefined ? 0 : 1) << SHIFT.address) |
        ((address?.outside ? 1 : 0) << SHIFT.outside);
      buffer[at++] = flags & 255;
      buffer[at++] = flags >>> 8;
      number(offsetForm, offset, lastOffset);
      if (index !== 0) varint(index);
      number(tsForm, ts, lastTs);
      if (timestamp !== undefined) {
        number(timestampForm, timestamp, lastTimestamp);
        lastTimestamp = timestamp;
      }
      varint(event.status);
      if (bytes !== undefined) number(bytesForm, bytes, 0);
      if (latencyMs !== undefined) number(latencyForm, latencyMs, 0);
      lastOffset = offset;
      lastTs = ts;
      text(event.key);
      text(event.keyName);
      text(event.tenant);
      text(event.ip);
      text(event.method);
      text(event.path);
      text(event.route);
      text(event.userAgent);
      text(event.country);
      text(event.outcome);
      raw(event.requestId);
      if (address !== undefined) {
        varint(address.lists.length);
        for (const name of address.lists) text(name);
      }
      count++;
      return true;
    },
    count: () => count,
    take(origin) {
      const end = at;
      at = 0;
      buffer[at++] = MAGIC;
      buffer[at++] = VERSION;
      buffer[at++] = TYPE.pack;
      varint(partitions);
      view.setUint32(at, origin.generation, true);
      at += 4;
      varint(origin.partition);
      varint(count);
      const record = Buffer.concat([buffer.subarray(0, at), buffer.subarray(HEADER_BYTES, end)]);
      clear();
      return record;
    },
  };
}

/** Characters of all texts; twice this is room for any of them. */
function lengthOf(e: UsageEvent): number {
  const who = e.key.length + e.keyName.length + e.tenant.length + e.ip.length + e.userAgent.length + e.country.length;
  const what = e.method.length + e.path.length + e.route.length + e.requestId.length + e.outcome.length;
  return who + what + (e.address?.lists.reduce((sum, name) => sum + name.length + 5, 0) ?? 0);
}

export function encodeTick(ts: number): Buffer {
  const record = Buffer.alloc(11);
  record.set([MAGIC, VERSION, TYPE.tick]);
  record.writeDoubleLE(ts, 3);
  return record;
}

export function encodeCommand(command: Command): Buffer {
  return Buffer.concat([Buffer.from([MAGIC, VERSION, TYPE.command]), Buffer.from(JSON.stringify(command), 'utf8')]);
}
