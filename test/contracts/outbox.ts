import type { Outbox } from '../../src/adapters/file/outbox';
import { alertDocument } from '../support/alerts';

/** One harness is one outbox's place, empty at first; `open` gives the outbox in it, as after a restart. */
export interface OutboxHarness {
  open(sinks: readonly string[]): Promise<Outbox>;
  close(): Promise<void>;
}

export const documents = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => alertDocument({ id: `d${from + i}` }));

export const ids = (batch: { readonly documents: readonly { readonly event: { readonly id: string } }[] }) =>
  batch.documents.map((document) => document.event.id);

/** What an outbox promises to couriers, as tests. */
export function outboxContract(harness: () => Promise<OutboxHarness>): void {
  let place: OutboxHarness;
  beforeEach(async () => {
    place = await harness();
  });
  afterEach(() => place.close());

  it('is empty at first', async () => {
    const outbox = await place.open(['a']);
    expect(await outbox.read('a', 10)).toEqual({ documents: [], position: 0 });
    expect(outbox.end()).toBe(0);
    await outbox.close();
  });

  it('gives each sink every document in order, at its own pace', async () => {
    const outbox = await place.open(['a', 'b']);
    await outbox.append(documents(0, 5));
    const first = await outbox.read('a', 3);
    expect(ids(first)).toEqual(['d0', 'd1', 'd2']);
    await outbox.acknowledge('a', first.position);
    expect(ids(await outbox.read('a', 10))).toEqual(['d3', 'd4']);
    expect(ids(await outbox.read('b', 10))).toEqual(['d0', 'd1', 'd2', 'd3', 'd4']);
    await outbox.close();
  });

  it('gives the same again until it is acknowledged', async () => {
    const outbox = await place.open(['a']);
    await outbox.append(documents(0, 4));
    expect(await outbox.read('a', 2)).toEqual(await outbox.read('a', 2));
    await outbox.acknowledge('a', 2);
    await outbox.acknowledge('a', 1);
    expect(ids(await outbox.read('a', 2))).toEqual(['d2', 'd3']);
    await expect(outbox.acknowledge('a', 5)).rejects.toThrow(RangeError);
    await outbox.close();
  });

  it('gives nobody what was forgotten, whoever has not had it yet, and what is appended meanwhile to all', async () => {
    const outbox = await place.open(['a', 'b']);
    await outbox.append(documents(0, 4));
    await outbox.acknowledge('a', 1);
    expect(ids(await outbox.read('b', 1))).toEqual(['d0']);
    const gone = new Set(['d0', 'd2', 'd3']);
    await Promise.all([
      outbox.append(documents(4, 1)),
      outbox.forget(({ event }) => gone.has(event.id)),
      outbox.append(documents(5, 1)),
    ]);
    expect(ids(await outbox.read('a', 10))).toEqual(['d1', 'd4', 'd5']);
    expect(ids(await outbox.read('b', 10))).toEqual(['d1', 'd4', 'd5']);
    // Where all that is read was forgotten, the position still leads on.
    const batch = await outbox.read('b', 1);
    expect([batch.documents, batch.position]).toEqual([[], 1]);
    await outbox.close();
    const later = await place.open(['a', 'b']);
    expect(ids(await later.read('b', 10))).toEqual(['d1', 'd4', 'd5']);
    expect(later.end()).toBe(6);
    await later.close();
  });

  it('keeps documents and positions over a restart', async () => {
    const outbox = await place.open(['a', 'b']);
    await outbox.append(documents(0, 4));
    await outbox.acknowledge('a', 3);
    await outbox.close();
    const later = await place.open(['a', 'b', 'new']);
    expect(ids(await later.read('a', 10))).toEqual(['d3']);
    expect(ids(await later.read('b', 10))).toEqual(['d0', 'd1', 'd2', 'd3']);
    expect(ids(await later.read('new', 1))).toEqual(['d0']);
    await later.append(documents(4, 1));
    expect(ids(await later.read('a', 10))).toEqual(['d3', 'd4']);
    await later.close();
  });

  it('keeps the order of appends that are not waited for, and tells listeners', async () => {
    const outbox = await place.open(['a']);
    let told = 0;
    const end = outbox.onAppend(() => {
      told += 1;
    });
    await Promise.all(Array.from({ length: 40 }, (_, i) => outbox.append(documents(i, 1))));
    expect(told).toBeGreaterThan(0);
    end();
    const before = told;
    await outbox.append(documents(40, 1));
    expect(told).toBe(before);
    expect(ids(await outbox.read('a', 100))).toEqual(Array.from({ length: 41 }, (_, i) => `d${i}`));
    await outbox.close();
  });

  it('refuses a sink that it was not opened for', async () => {
    const outbox = await place.open(['a']);
    await expect(outbox.read('other', 1)).rejects.toThrow('other');
    await outbox.close();
  });
}
