import type { CheckpointStore } from '../../src/ports';

/** One harness is one place for checkpoints, empty at first; `open` gives a store over it, as after a restart. */
export interface CheckpointStoreHarness {
  open(): CheckpointStore;
  close(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const text = (state: Uint8Array | undefined) => (state === undefined ? undefined : Buffer.from(state).toString());

/** The laws of `CheckpointStore` (src/ports.ts), as tests. */
export function checkpointStoreContract(harness: () => Promise<CheckpointStoreHarness>): void {
  let place: CheckpointStoreHarness;
  beforeEach(async () => {
    place = await harness();
  });
  afterEach(() => place.close());

  it('has nothing at first', async () => {
    expect(await place.open().load(0)).toBeUndefined();
  });

  it('gives back the newest state, also to a later process', async () => {
    const store = place.open();
    await store.save(0, bytes('one'));
    await store.save(0, bytes('two'));
    expect(text(await store.load(0))).toBe('two');
    expect(text(await place.open().load(0))).toBe('two');
    await place.open().save(0, bytes('three'));
    expect(text(await place.open().load(0))).toBe('three');
  });

  it('keeps partitions apart', async () => {
    const store = place.open();
    await store.save(1, bytes('first'));
    await store.save(11, bytes('eleventh'));
    expect(text(await store.load(1))).toBe('first');
    expect(text(await store.load(11))).toBe('eleventh');
    expect(await store.load(0)).toBeUndefined();
  });

  it('keeps every byte of a large state, and an empty one', async () => {
    const large = new Uint8Array(9 * 1024 * 1024 + 17).map((_, i) => (i * 31 + (i >> 8)) & 255);
    await place.open().save(0, large);
    expect(Buffer.compare((await place.open().load(0))!, large)).toBe(0);
    await place.open().save(2, new Uint8Array(0));
    expect(text(await place.open().load(2))).toBe('');
  });

  it('takes saves that are not waited for, and the last one counts', async () => {
    const store = place.open();
    await Promise.all(['a', 'b', 'c', 'd'].map((state) => store.save(0, bytes(state))));
    expect(text(await place.open().load(0))).toBe('d');
  });
}
