import fc from 'fast-check';
import type { Command } from '../../src/domain/command';
import type { UsageEvent } from '../../src/domain/event';
import { createPacker, encodeCommand, encodeTick } from '../../src/ingest/pack';
import { MAX_PACK_BYTES, MAX_PACK_EVENTS, type PackedEvent } from '../../src/ingest/pack-format';
import { decodeLogRecord, PackFault, PackVersionFault } from '../../src/ingest/unpack';
import { anEvent } from '../support/events';

/** Any string at all: lone surrogates, controls, everything. */
const anyText = fc.oneof(
  fc.constantFrom('', 'GET', '/v1/orders', 'müller', '\ud800', '日本'),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes)),
);
const anyNumber = fc.oneof(
  fc.integer({ min: 0, max: 4_000_000_000 }),
  fc.constantFrom(-0, 0, 2 ** 31, 2 ** 53 - 1, 0.5),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const someNumber = fc.option(anyNumber, { nil: undefined });

const anyAddress = fc.option(fc.record({ outside: fc.boolean(), lists: fc.array(anyText, { maxLength: 3 }) }), {
  nil: undefined,
});
/** A field that is added to the event must be here, and in the codec. */
const fields: { readonly [K in keyof Required<UsageEvent>]: fc.Arbitrary<UsageEvent[K]> } = {
  ts: anyNumber,
  key: anyText,
  keyKind: fc.constantFrom('credential', 'consumer', 'hash'),
  keyName: anyText,
  tenant: anyText,
  ip: anyText,
  method: anyText,
  path: anyText,
  route: anyText,
  status: fc.integer({ min: 0, max: 999 }),
  userAgent: anyText,
  bytes: someNumber,
  latencyMs: someNumber,
  requestId: anyText,
  country: anyText,
  outcome: anyText,
  address: anyAddress,
};
const anyEvent: fc.Arbitrary<UsageEvent> = fc.record(fields);
const anyPacked: fc.Arbitrary<PackedEvent> = fc.record({
  event: anyEvent,
  offset: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  index: fc.integer({ min: 0, max: 10_000 }),
  timestamp: someNumber,
});
const anyOrigin = fc.record({
  generation: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  partition: fc.integer({ min: 0, max: 65_535 }),
});

const origin = { generation: 1, partition: 0 };

function pack(events: readonly PackedEvent[], from = origin): Buffer {
  const packer = createPacker(12);
  for (const { event, offset, index, timestamp } of events)
    expect(packer.add(event, offset, index, timestamp)).toBe(true);
  return packer.take(from);
}

const packed = (event: UsageEvent, offset: number): PackedEvent => ({ event, offset, index: 0, timestamp: event.ts });
const sample = () =>
  pack(Array.from({ length: 3 }, (_, i) => packed(anEvent({ path: `/v1/${i}`, userAgent: 'ä', bytes: 0.5 }), i)));

describe('packs of the internal log', () => {
  it('give back every event as it was', () => {
    fc.assert(
      fc.property(fc.array(anyPacked, { minLength: 1, maxLength: 12 }), anyOrigin, (events, origin) => {
        expect(decodeLogRecord(pack(events, origin))).toEqual({ kind: 'pack', partitions: 12, origin, events });
      }),
      { numRuns: 300 },
    );
  });

  it('are full at 500 events, and empty again when taken', () => {
    const packer = createPacker(12);
    for (let i = 0; i < MAX_PACK_EVENTS; i++) expect(packer.add(anEvent(), i, 0, undefined)).toBe(true);
    expect(packer.add(anEvent(), 500, 0, undefined)).toBe(false);
    const first = decodeLogRecord(packer.take(origin));
    expect(packer.count()).toBe(0);
    packer.add(anEvent({ key: 'k2' }), 500, 0, undefined);
    expect(first.kind === 'pack' && first.events.length).toBe(MAX_PACK_EVENTS);
    expect(decodeLogRecord(packer.take(origin))).toMatchObject({ events: [{ offset: 500, event: { key: 'k2' } }] });
  });

  it('are full at 256 KiB', () => {
    const packer = createPacker(12);
    let taken = 0;
    while (packer.add(anEvent({ userAgent: `${taken}`.padEnd(900, 'ü') }), taken, 0, undefined)) taken++;
    expect(taken).toBeGreaterThan(100);
    expect(taken).toBeLessThan(MAX_PACK_EVENTS);
    expect(packer.take(origin).length).toBeLessThanOrEqual(MAX_PACK_BYTES);
  });

  it('say a repeated text once', () => {
    const one = pack([packed(anEvent(), 0)]).length;
    const hundred = pack(Array.from({ length: 100 }, (_, i) => packed(anEvent(), i))).length;
    expect(hundred).toBeLessThan(one + 100 * 24);
  });

  it('are refused when cut short anywhere, and when something follows', () => {
    const whole = sample();
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeLogRecord(whole.subarray(0, length))).toThrow(PackFault);
    expect(() => decodeLogRecord(Buffer.concat([whole, Buffer.from([0])]))).toThrow('something follows its end');
  });

  it('are refused or read, whatever their bytes are, and nothing else happens', () => {
    const whole = sample();
    const damaged = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    const attempt = (bytes: Buffer) => {
      try {
        const read = decodeLogRecord(bytes);
        if (read.kind === 'pack') expect(read.events.length).toBeLessThanOrEqual(MAX_PACK_EVENTS);
      } catch (error) {
        expect(error instanceof PackFault || error instanceof PackVersionFault).toBe(true);
      }
    };
    fc.assert(
      fc.property(damaged, (changes) => {
        const bytes = Buffer.from(whole);
        for (const [place, value] of changes) bytes[place] = value;
        attempt(bytes);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        attempt(Buffer.concat([Buffer.from([0x4b, 1, 1]), bytes]));
      }),
      { numRuns: 2_000 },
    );
  });

  it('of a later version stop the reader instead of being passed over', () => {
    const later = sample();
    later[1] = 2;
    expect(() => decodeLogRecord(later)).toThrow(PackVersionFault);
  });

  it('have ticks and commands beside them', () => {
    expect(decodeLogRecord(encodeTick(1_700_000_000_123))).toEqual({ kind: 'tick', ts: 1_700_000_000_123 });
    const commands: Command[] = [
      { type: 'inventory', digest: 'abc' },
      { type: 'expect', key: 'k1', facets: ['volume'], until: 5, by: 'someone' },
      { type: 'mute', key: 'k1', facet: 'volume', until: 5, by: 'someone' },
      { type: 'unmute', key: 'k1', facet: 'volume', by: 'someone' },
    ];
    for (const command of commands)
      expect(decodeLogRecord(encodeCommand(command))).toEqual({ kind: 'command', command });
  });

  it.each([
    ['no JSON', Buffer.from([0x4b, 1, 3, 0x7b])],
    ['a command of somebody else', Buffer.concat([Buffer.from([0x4b, 1, 3]), Buffer.from('{"type":"suspend"}')])],
    ['a tick at no time', encodeTick(Number.NaN)],
    ['an unknown type', Buffer.from([0x4b, 1, 9])],
    ['JSON', Buffer.from('{"key":"k1"}')],
    ['nothing', Buffer.alloc(0)],
  ])('are not mistaken for %s', (_what, bytes) => {
    expect(() => decodeLogRecord(bytes)).toThrow(PackFault);
  });
});
