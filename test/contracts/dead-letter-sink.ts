import type { DeadLetter } from '../../src/domain/rejection';
import type { DeadLetterSink } from '../../src/ports';

/** What an implementation lends to the suite: one place of its own, empty at first. */
export interface DeadLetterSinkHarness {
  create(): Promise<DeadLetterSink>;
  /** Everything that is durable at the receiver, in the order of the writes. */
  received(): Promise<readonly DeadLetter[]>;
  close(): Promise<void>;
}

const letter = (offset: number): DeadLetter => ({
  source: 'access',
  position: { partition: 0, offset, index: 0 },
  format: 'kong',
  bytes: 17,
  reason: 'not-json',
  detail: 'expected a JSON object',
});

/** The laws of `DeadLetterSink` (src/ports.ts). Call it inside a `describe`. */
export function deadLetterSinkContract(harness: () => Promise<DeadLetterSinkHarness>): void {
  let place: DeadLetterSinkHarness;
  const open: DeadLetterSink[] = [];
  const create = async () => {
    const sink = await place.create();
    open.push(sink);
    return sink;
  };
  beforeEach(async () => {
    place = await harness();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((sink) => sink.close()));
    await place.close();
  });

  it('has a name', async () => {
    expect((await create()).name).not.toBe('');
  });

  it('has what it was given, whole, when write resolves', async () => {
    const sink = await create();
    const letters = [0, 1, 2].map(letter);
    await sink.write(letters);
    expect(await place.received()).toEqual(letters);
  });

  it('takes nothing without a fault', async () => {
    const sink = await create();
    await sink.write([]);
    expect(await place.received()).toEqual([]);
  });

  it('takes more than one request can carry, also from several writes at a time', async () => {
    const sink = await create();
    const letters = Array.from({ length: 1_300 }, (_, i) => letter(i));
    await Promise.all([sink.write(letters.slice(0, 1_200)), sink.write(letters.slice(1_200))]);
    const received = (await place.received()).map((each) => JSON.stringify(each));
    expect(received.sort()).toEqual(letters.map((each) => JSON.stringify(each)).sort());
  });

  it('keeps what was written over close and a new start', async () => {
    const first = await create();
    await first.write([letter(0)]);
    await first.close();
    const second = await create();
    await second.write([letter(1)]);
    const received = (await place.received()).map((each) => JSON.stringify(each));
    expect(received.sort()).toEqual([letter(0), letter(1)].map((each) => JSON.stringify(each)).sort());
  });

  it('refuses writes after close, and close may be called again', async () => {
    const sink = await create();
    await sink.close();
    await sink.close();
    await expect(sink.write([letter(0)])).rejects.toThrow();
    expect(await place.received()).toEqual([]);
  });
}
