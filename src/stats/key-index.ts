import { hashText } from './hash';

const FULL_SHARE = 0.6;
const FEWEST = 64;

/**
 * Rows by key text: open addressing with linear probing, a hash and a row in 8 bytes a slot, 13 to 27 a key. The texts
 * stay where they are (`textOf`) and decide; the hash only spares looking at them.
 */
export class KeyIndex {
  /** Even: hash. Odd: row + 1, 0 where the slot is free. */
  private slots = new Uint32Array(2 * FEWEST);
  private held = 0;

  constructor(private readonly textOf: (row: number) => string) {}

  /** Row of the key, or −1. */
  find(key: string): number {
    const at = this.slotOf(key, hashText(key));
    return at < 0 ? -1 : this.slots[at + 1] - 1;
  }

  size(): number {
    return this.held;
  }

  /** Makes room for so many keys at once, while the index is empty. */
  reserve(keys: number): void {
    let slots = FEWEST;
    while (keys > slots * FULL_SHARE) slots *= 2;
    if (this.held === 0 && 2 * slots > this.slots.length) this.slots = new Uint32Array(2 * slots);
  }

  /** Enters a key that `find` does not find; `textOf(row)` must be its text from now on. */
  add(key: string, row: number): void {
    if ((this.held + 1) * 2 > this.slots.length * FULL_SHARE) this.grow();
    put(this.slots, hashText(key), row + 1);
    this.held++;
  }

  /** Forgets a key; `textOf` must still answer its text. */
  remove(key: string): void {
    let free = this.slotOf(key, hashText(key));
    if (free < 0) return;
    this.held--;
    const { slots } = this;
    const mask = slots.length - 1;
    // Whoever was pushed past the slot that becomes free moves up, so that no search ends before its goal.
    for (let at = (free + 2) & mask; slots[at + 1] !== 0; at = (at + 2) & mask) {
      const home = homeOf(slots[at], mask);
      if (((at - home) & mask) < ((at - free) & mask)) continue;
      slots[free] = slots[at];
      slots[free + 1] = slots[at + 1];
      free = at;
    }
    slots[free + 1] = 0;
  }

  private slotOf(key: string, hash: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    for (let at = homeOf(hash, mask); slots[at + 1] !== 0; at = (at + 2) & mask) {
      if (slots[at] === hash && this.textOf(slots[at + 1] - 1) === key) return at;
    }
    return -1;
  }

  private grow(): void {
    const grown = new Uint32Array(2 * this.slots.length);
    for (let at = 0; at < this.slots.length; at += 2)
      if (this.slots[at + 1] !== 0) put(grown, this.slots[at], this.slots[at + 1]);
    this.slots = grown;
  }
}

const homeOf = (hash: number, mask: number): number => (hash * 2) & mask;

function put(slots: Uint32Array, hash: number, value: number): void {
  const mask = slots.length - 1;
  let at = homeOf(hash, mask);
  while (slots[at + 1] !== 0) at = (at + 2) & mask;
  slots[at] = hash;
  slots[at + 1] = value;
}
