import { MOST_MUTED, type Mute } from '../domain/command';

/** Mutes kept at once; beyond, the key whose mutes were made first is forgotten, and heard again. */
const MOST = 10_000;
const none: readonly Mute[] = [];

/** Evidence that people have found harmless for a time, by key: at most `MOST_MUTED` facets each. */
export class Mutes {
  private readonly keys = new Map<string, readonly Mute[]>();
  private total = 0;

  /** A facet that is muted already gets the new end. One facet too many is not taken. */
  mute(mute: Mute): void {
    const others = (this.keys.get(mute.key) ?? none).filter(({ facet }) => facet !== mute.facet);
    if (others.length >= MOST_MUTED) return;
    this.put(mute.key, [...others, mute]);
    for (const key of this.keys.keys()) {
      if (this.total <= MOST) return;
      if (key !== mute.key) this.put(key, none);
    }
  }

  unmute(key: string, facet: string): void {
    const held = this.keys.get(key);
    if (held?.some((mute) => mute.facet === facet)) {
      this.put(
        key,
        held.filter((mute) => mute.facet !== facet),
      );
    }
  }

  forget(key: string): void {
    this.put(key, none);
  }

  /** Those in force at `ts`, milliseconds; one that is over is forgotten here. */
  of(key: string, ts: number): readonly Mute[] {
    const held = this.keys.get(key);
    if (held === undefined) return none;
    if (held.every(({ until }) => ts <= until)) return held;
    const left = held.filter(({ until }) => ts <= until);
    this.put(key, left);
    return left;
  }

  export(): readonly Mute[] {
    return [...this.keys.values()].flat();
  }

  import(mutes: readonly Mute[]): void {
    this.keys.clear();
    this.total = 0;
    for (const mute of mutes) this.put(mute.key, [...(this.keys.get(mute.key) ?? none), mute]);
  }

  private put(key: string, mutes: readonly Mute[]): void {
    this.total += mutes.length - (this.keys.get(key)?.length ?? 0);
    if (mutes.length === 0) this.keys.delete(key);
    else this.keys.set(key, mutes);
  }
}
