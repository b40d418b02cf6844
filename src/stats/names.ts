/**
 * Bounded dictionary from hashes to the texts that people read. When full it remembers nothing new: a missing name
 * costs words in an alert, never a decision.
 */
export class NameTable {
  private readonly texts = new Map<number, string>();

  constructor(private readonly max: number) {}

  remember(hash: number, text: string): void {
    if (this.texts.size < this.max && !this.texts.has(hash)) this.texts.set(hash, text);
  }

  get(hash: number): string | undefined {
    return this.texts.get(hash);
  }

  export(): [number, string][] {
    return [...this.texts];
  }

  import(entries: readonly (readonly [number, string])[]): void {
    this.texts.clear();
    for (const [hash, text] of entries) this.remember(hash, text);
  }
}
