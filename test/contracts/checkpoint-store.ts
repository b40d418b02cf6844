import type { Checkpoint, CheckpointStore } from '../../src/ports';

/** One harness is one place for checkpoints, empty at first; `open` gives a store over it, as after a restart. */
export interface CheckpointStoreHarness {
  open(): CheckpointStore;
  close(): Promise<void>;
}

let place = 0;
/** A state of the given pieces, further on in the log than all before it. */
export const checkpointOf = (...pieces: readonly (string | Uint8Array)[]): Checkpoint => ({
  next: ++place,
  pieces: pieces.map((piece) => Buffer.from(piece)),
});
const text = (state: Uint8Array | undefined) => (state === undefined ? undefined : Buffer.from(state).toString());

/** The laws of `CheckpointStore` (src/ports.ts), as tests. */
export function checkpointStoreContract(harness: () => Promise<CheckpointStoreHarness>): void {
  let home: CheckpointStoreHarness;
  beforeEach(async () => {
    home = await harness();
  });
  afterEach(() => home.close());

  it('has nothing at first', async () => {
    expect(await home.open().load(0)).toBeUndefined();
  });

  it('gives back the newest state, also to a later process', async () => {
    const store = home.open();
    await store.save(0, checkpointOf('one'));
    await store.save(0, checkpointOf('two'));
    expect(text(await store.load(0))).toBe('two');
    expect(text(await home.open().load(0))).toBe('two');
    await home.open().save(0, checkpointOf('three'));
    expect(text(await home.open().load(0))).toBe('three');
  });

  it('keeps partitions apart', async () => {
    const store = home.open();
    await store.save(1, checkpointOf('first'));
    await store.save(11, checkpointOf('eleventh'));
    expect(text(await store.load(1))).toBe('first');
    expect(text(await store.load(11))).toBe('eleventh');
    expect(await store.load(0)).toBeUndefined();
  });

  it('keeps every byte of a large state, and an empty one', async () => {
    const large = new Uint8Array(9 * 1024 * 1024 + 17).map((_, i) => (i * 31 + (i >> 8)) & 255);
    await home
      .open()
      .save(0, checkpointOf(large.subarray(0, 1), large.subarray(1, 5_000_000), large.subarray(5_000_000)));
    expect(Buffer.compare((await home.open().load(0))!, large)).toBe(0);
    await home.open().save(2, checkpointOf());
    expect(text(await home.open().load(2))).toBe('');
  });

  it('takes saves that are not waited for, and the last one counts', async () => {
    const store = home.open();
    await Promise.all(['a', 'b', 'c', 'd'].map((state) => store.save(0, checkpointOf(state))));
    expect(text(await home.open().load(0))).toBe('d');
  });
}
