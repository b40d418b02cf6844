import type { Look } from '../../detect/model';
import { FEATURES } from '../../detect/model/features';
import type { AlertDocument } from '../../domain/alert';
import type { UsageEvent } from '../../domain/event';
import { combine, hashText, mix } from '../../stats/hash';

/** Looks of one key, in time order. */
export interface KeyLooks {
  /** Decides in which part of the data the key lies; the key's id itself is not kept. */
  readonly hash: number;
  /** `FEATURES` numbers a look, one after another. */
  readonly vectors: Float32Array;
  /** Day of each look, since 1970. */
  readonly days: Uint32Array;
  /** 1 where people were told of the key about that time: such a look is not trained on. */
  readonly dirty: Uint8Array;
  /** Days on which the settled key was in use, with looks or without. */
  readonly keyDays: number;
}

export interface Collected {
  readonly keys: readonly KeyLooks[];
  readonly looks: number;
  readonly dirty: number;
  readonly keyDays: number;
  readonly events: number;
  /** Keys in all, and the share of them that is in the sample. */
  readonly allKeys: number;
  readonly sampled: number;
}

export interface CollectorOptions {
  readonly seed: number;
  /** Looks kept at once; beyond, half of the keys are given up. */
  readonly most?: number;
}

export interface Collector {
  event(event: UsageEvent): void;
  look(look: Look): void;
  alert(document: AlertDocument): void;
  finish(): Collected;
}

const DAY = 86_400_000;
/** A key's first days have no looks; they are no key-days either. */
const YOUNG_DAYS = 2;
/** Around an alert nothing is clean: so long before its first request and after its last. */
const AROUND_MS = 6 * 3_600_000;

/** Decides, with the seed, in which part of the data a key lies. */
export const keyHash = (key: string, seed: number): number => mix(combine(hashText(key), seed >>> 0));

type Span = [from: number, until: number];

interface Kept {
  readonly hash: number;
  readonly vectors: Float32Array[];
  readonly times: number[];
  lastDay: number;
  days: number;
}

/**
 * Gathers what models train on. When there is too much, whole keys are left out, chosen by a seeded hash: the same log and
 * seed give the same sample, and the key-days of a key that stays are all there. Memory is bounded by `most`
 * looks and by the keys of the log.
 */
export function createCollector({ seed, most = 200_000 }: CollectorOptions): Collector {
  const keys = new Map<string, Kept>();
  const alerts = new Map<string, Span[]>();
  const all = new Set<number>();
  let bound = 2 ** 32;
  let looks = 0;
  let events = 0;

  const keptOf = (key: string): Kept | undefined => {
    const known = keys.get(key);
    if (known !== undefined) return known;
    const hash = keyHash(key, seed);
    all.add(hash);
    if (hash >= bound) return undefined;
    const kept: Kept = { hash, vectors: [], times: [], lastDay: -1, days: 0 };
    keys.set(key, kept);
    return kept;
  };
  const halve = () => {
    bound /= 2;
    for (const [key, { hash, times }] of keys) {
      if (hash < bound) continue;
      looks -= times.length;
      keys.delete(key);
    }
  };

  return {
    event({ key, ts }) {
      events++;
      const kept = keptOf(key);
      const day = Math.floor(ts / DAY);
      if (kept === undefined || day <= kept.lastDay) return;
      kept.lastDay = day;
      kept.days++;
    },
    look({ key, ts, vector }) {
      const kept = keptOf(key);
      if (kept === undefined) return;
      kept.vectors.push(vector.slice());
      kept.times.push(ts);
      looks++;
      if (looks > most) halve();
    },
    alert(document) {
      if (document.user === undefined || document.event.start === undefined || document.event.end === undefined) return;
      const { id } = document.user;
      const span: Span = [Date.parse(document.event.start) - AROUND_MS, Date.parse(document.event.end) + AROUND_MS];
      const known = alerts.get(id);
      const last = known?.[known.length - 1];
      if (known === undefined) alerts.set(id, [span]);
      else if (last !== undefined && span[0] <= last[1]) last[1] = Math.max(last[1], span[1]);
      else known.push(span);
    },
    finish() {
      const looked = [...keys].map(([key, kept]) => looksOf(kept, alerts.get(key) ?? []));
      looked.sort((a, b) => a.hash - b.hash);
      const dirty = looked.reduce((sum, one) => sum + one.dirty.reduce((most, flag) => most + flag, 0), 0);
      const keyDays = looked.reduce((sum, one) => sum + one.keyDays, 0);
      return { keys: looked, looks, dirty, keyDays, events, allKeys: all.size, sampled: keys.size };
    },
  };
}

function looksOf({ hash, vectors, times, days }: Kept, alerts: readonly Span[]): KeyLooks {
  const flat = new Float32Array(vectors.length * FEATURES);
  for (const [i, vector] of vectors.entries()) flat.set(vector, i * FEATURES);
  const dirty = times.map((ts) => (alerts.some(([from, until]) => ts >= from && ts <= until) ? 1 : 0));
  return {
    hash,
    vectors: flat,
    days: Uint32Array.from(times, (ts) => Math.floor(ts / DAY)),
    dirty: Uint8Array.from(dirty),
    keyDays: Math.max(0, days - YOUNG_DAYS),
  };
}
