import { z } from 'zod';
import {
  type Command,
  canary,
  decree,
  expectation,
  forget,
  history,
  mute,
  outcomeNote,
  unmute,
} from '../domain/command';
import type { UsageEvent } from '../domain/event';
import {
  FORM,
  keyKinds,
  type LogRecord,
  MAGIC,
  MAX_PACK_EVENTS,
  MAX_RECORD_BYTES,
  MAX_SOURCES,
  type PackedEvent,
  SHIFT,
  TYPE,
  VERSION,
} from './pack-format';

/** The bytes are no record of the internal log: somebody else's, or damaged. Names the place, never a value. */
export class PackFault extends Error {
  override readonly name = 'PackFault';
}

/** The record is of a later version: to pass over it would lose events, so the process must end. */
export class PackVersionFault extends Error {
  override readonly name = 'PackVersionFault';
}

/** Every command has its schema here: one that is missing would be refused by the log. */
const commands: { readonly [T in Command['type']]: z.ZodType<Extract<Command, { type: T }>> } = {
  inventory: z.strictObject({ type: z.literal('inventory'), digest: z.string().max(128) }),
  expect: expectation.extend({ type: z.literal('expect') }),
  mute: mute.extend({ type: z.literal('mute') }),
  unmute: unmute.extend({ type: z.literal('unmute') }),
  forget: forget.extend({ type: z.literal('forget') }),
  outcome: outcomeNote.extend({ type: z.literal('outcome') }),
  history: history.extend({ type: z.literal('history') }),
  canary: canary.extend({ type: z.literal('canary') }),
  policy: decree.extend({ type: z.literal('policy') }),
};
const anyCommand = z.union(Object.values(commands)) as z.ZodType<Command>;

/** Reads forward through one record; every read is held to its end. */
class Reader {
  at = 3;
  constructor(
    readonly bytes: Buffer,
    private readonly view: DataView,
  ) {}

  fault(what: string): PackFault {
    return new PackFault(`not a record of the internal log: ${what} at byte ${this.at}`);
  }

  byte(): number {
    if (this.at >= this.bytes.length) throw this.fault('it is cut short');
    return this.bytes[this.at++];
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw this.fault('a number is too long');
  }

  float(): number {
    this.need(8);
    const value = this.view.getFloat64(this.at, true);
    if (!Number.isFinite(value)) throw this.fault('a number is not finite');
    this.at += 8;
    return value;
  }

  u32(): number {
    this.need(4);
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }

  number(form: number, before: number): number {
    if (form === FORM.delta) {
      const zigzag = this.varint();
      return before + ((zigzag >>> 1) ^ -(zigzag & 1));
    }
    if (form === FORM.float) return this.float();
    throw this.fault('a number has no form');
  }

  text(): string {
    const head = this.varint();
    const length = head >>> 1;
    const bytes = head & 1 ? length * 2 : length;
    this.need(bytes);
    const begin = this.at;
    this.at += bytes;
    return head & 1 ? this.bytes.toString('utf16le', begin, this.at) : this.bytes.toString('latin1', begin, this.at);
  }

  shared(table: string[]): string {
    const place = this.varint();
    if (place === 0) {
      const text = this.text();
      table.push(text);
      return text;
    }
    if (place > table.length) throw this.fault('a text is not in the table');
    return table[place - 1];
  }

  need(bytes: number): void {
    if (this.at + bytes > this.bytes.length) throw this.fault('it is cut short');
  }
}

/**
 * One record of the internal log. Memory is bounded by the record's length and 500 events.
 * Throws `PackFault` for bytes that are no record and `PackVersionFault` for a record of a later version.
 */
export function decodeLogRecord(bytes: Buffer): LogRecord {
  const reader = new Reader(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (bytes.length > MAX_RECORD_BYTES) throw new PackFault('not a record of the internal log: it is too long');
  if (bytes.length < 3 || bytes[0] !== MAGIC)
    throw new PackFault('not a record of the internal log: unknown beginning');
  if (bytes[1] !== VERSION) {
    throw new PackVersionFault(`a record of the internal log has version ${bytes[1]}, this build reads ${VERSION}`);
  }
  switch (bytes[2]) {
    case TYPE.pack:
      return pack(reader);
    case TYPE.tick: {
      const ts = reader.float();
      if (reader.at !== bytes.length) throw reader.fault('something follows its end');
      return { kind: 'tick', ts };
    }
    case TYPE.command:
      return { kind: 'command', command: commandIn(bytes.toString('utf8', 3)) };
    default:
      throw new PackFault('not a record of the internal log: unknown type');
  }
}

function commandIn(text: string): Command {
  try {
    return anyCommand.parse(JSON.parse(text));
  } catch {
    throw new PackFault('not a record of the internal log: its command is none of keywatch');
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function pack(reader: Reader): LogRecord {
  const partitions = reader.varint();
  const generation = reader.u32();
  const partition = reader.varint();
  if (partition >= MAX_SOURCES) throw reader.fault('its source partition is too high');
  const count = reader.varint();
  if (count > MAX_PACK_EVENTS) throw reader.fault('it has too many events');
  const table = [''];
  const events = new Array<PackedEvent>(count);
  let offset = 0;
  let ts = 0;
  let lastTimestamp = 0;
  for (let i = 0; i < count; i++) {
    const flags = reader.byte() | (reader.byte() << 8);
    const keyKind = keyKinds[(flags >>> SHIFT.kind) & 3];
    if (keyKind === undefined) throw reader.fault('a key has no kind');
    offset = reader.number((flags >>> SHIFT.offset) & 3, offset);
    const index = ((flags >>> SHIFT.index) & 1) === 0 ? 0 : reader.varint();
    ts = reader.number((flags >>> SHIFT.ts) & 3, ts);
    const timestamp = optional(reader, (flags >>> SHIFT.timestamp) & 3, lastTimestamp);
    if (timestamp !== undefined) lastTimestamp = timestamp;
    const status = reader.varint();
    const bytes = optional(reader, (flags >>> SHIFT.bytes) & 3, 0);
    const latencyMs = optional(reader, (flags >>> SHIFT.latency) & 3, 0);
    const event: Mutable<UsageEvent> = {
      ts,
      key: reader.shared(table),
      keyKind,
      keyName: reader.shared(table),
      tenant: reader.shared(table),
      ip: reader.shared(table),
      method: reader.shared(table),
      path: reader.shared(table),
      route: reader.shared(table),
      status,
      userAgent: reader.shared(table),
      bytes,
      latencyMs,
      requestId: '',
      country: reader.shared(table),
      outcome: reader.shared(table),
    };
    event.requestId = reader.text();
    if ((flags >>> SHIFT.address) & 1) {
      const lists: string[] = [];
      for (let left = reader.varint(); left > 0; left--) lists.push(reader.shared(table));
      event.address = { outside: ((flags >>> SHIFT.outside) & 1) === 1, lists };
    }
    events[i] = { event, offset, index, timestamp };
  }
  if (reader.at !== reader.bytes.length) throw reader.fault('something follows its end');
  return { kind: 'pack', partitions, origin: { generation, partition }, events };
}

function optional(reader: Reader, form: number, before: number): number | undefined {
  return form === FORM.absent ? undefined : reader.number(form, before);
}
