/** Width of a bucket of due times, milliseconds. */
const WIDTH = 600_000;

interface Entry<T> {
  readonly item: T;
  /** Where the item is to be looked for; NaN while it is in none. */
  bucket: number;
}

/**
 * Items by the time at which they fall due, in buckets of ten minutes: who asks what is due looks at few that are not.
 * The time is an item's own and may move on while it waits; only when it moves back must `place` be called again.
 */
export class DueTimes<T> {
  private readonly buckets = new Map<number, Entry<T>[]>();
  private readonly entries = new Map<T, Entry<T>>();

  /** `dueAt`: milliseconds of event time. */
  constructor(private readonly dueAt: (item: T) => number) {}

  /** Enters an item, or moves it to its present time. */
  place(item: T): void {
    const bucket = Math.floor(this.dueAt(item) / WIDTH);
    const entry = this.entries.get(item) ?? { item, bucket: Number.NaN };
    if (entry.bucket === bucket) return;
    entry.bucket = bucket;
    this.entries.set(item, entry);
    const entries = this.buckets.get(bucket);
    if (entries === undefined) this.buckets.set(bucket, [entry]);
    else entries.push(entry);
  }

  remove(item: T): void {
    this.entries.delete(item);
  }

  clear(): void {
    this.buckets.clear();
    this.entries.clear();
  }

  /** Items whose time is before `now`, in no order. Each must be placed anew or removed. */
  before(now: number): T[] {
    const due: T[] = [];
    const last = Math.floor(now / WIDTH);
    for (const [bucket, entries] of [...this.buckets]) {
      if (bucket > last) continue;
      this.buckets.delete(bucket);
      for (const entry of entries) {
        // Moved or removed meanwhile: this is no longer its place.
        if (entry.bucket !== bucket || this.entries.get(entry.item) !== entry) continue;
        entry.bucket = Number.NaN;
        if (this.dueAt(entry.item) < now) due.push(entry.item);
        else this.place(entry.item);
      }
    }
    return due;
  }
}
