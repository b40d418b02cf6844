import type { EnforceContext } from './settings';

/**
 * Whether the data that decisions rest on can be trusted, from counts alone: records that could not be decoded and
 * events whose clock was wrong, as shares of all in a sliding window, and gaps. A plain value; wall clock, milliseconds.
 */
export interface QualitySettings {
  readonly windowMs: number;
  /** Highest share, 0–1, of records that could not be decoded. */
  readonly decodeErrors: number;
  /** Highest share, 0–1, of events whose time ran ahead of all evidence. */
  readonly clockFaults: number;
}

export interface Counts {
  readonly events: number;
  readonly decodeErrors: number;
  readonly clockFaults: number;
  readonly gaps: number;
}

interface Bucket extends Counts {
  /** Number of the bucket since 1970. */
  readonly at: number;
}

export interface Quality {
  /** Oldest first, at most `BUCKETS` and one. */
  readonly buckets: readonly Bucket[];
  /** Partitions that have not yet reached the end of their log since this process took them. */
  readonly behind: ReadonlySet<number>;
}

export const untested: Quality = { buckets: [], behind: new Set() };

const BUCKETS = 12;
/** Fewer records than this in the window say nothing of a share. */
const LEAST = 100;

const widthOf = ({ windowMs }: QualitySettings) => Math.max(1, windowMs / BUCKETS);

export function noteCounts(quality: Quality, counts: Partial<Counts>, now: number, settings: QualitySettings): Quality {
  const at = Math.floor(now / widthOf(settings));
  const last = quality.buckets.at(-1);
  const empty: Bucket = { at, events: 0, decodeErrors: 0, clockFaults: 0, gaps: 0 };
  const base = last !== undefined && last.at >= at ? last : empty;
  const sum: Bucket = {
    at: base.at,
    events: base.events + (counts.events ?? 0),
    decodeErrors: base.decodeErrors + (counts.decodeErrors ?? 0),
    clockFaults: base.clockFaults + (counts.clockFaults ?? 0),
    gaps: base.gaps + (counts.gaps ?? 0),
  };
  const before = base === last ? quality.buckets.slice(0, -1) : quality.buckets;
  return { ...quality, buckets: [...before.filter((bucket) => bucket.at > at - BUCKETS), sum] };
}

/** The partition was taken over, and reads what came meanwhile. */
export function noteTaken(quality: Quality, partition: number): Quality {
  return { ...quality, behind: new Set(quality.behind).add(partition) };
}

/** How many records wait behind what was read of the partition; few: it has caught up. */
export function noteLag(quality: Quality, partition: number, waiting: number | undefined, few: number): Quality {
  if (!quality.behind.has(partition) || (waiting ?? 0) > few) return quality;
  const behind = new Set(quality.behind);
  behind.delete(partition);
  return { ...quality, behind };
}

const percent = (share: number) => `${Math.round(share * 1_000) / 10} %`;

/** What is wrong at `now` for a request of `partition`; undefined when nothing is. */
export function judgeQuality(
  quality: Quality,
  partition: number,
  now: number,
  settings: QualitySettings,
): EnforceContext['quality'] {
  if (quality.behind.has(partition))
    return { rail: 'catching-up', detail: 'what came while keywatch was down is read' };
  const from = Math.floor(now / widthOf(settings)) - BUCKETS;
  const sum = { events: 0, decodeErrors: 0, clockFaults: 0, gaps: 0 };
  for (const bucket of quality.buckets) {
    if (bucket.at <= from) continue;
    sum.events += bucket.events;
    sum.decodeErrors += bucket.decodeErrors;
    sum.clockFaults += bucket.clockFaults;
    sum.gaps += bucket.gaps;
  }
  if (sum.gaps > 0) return { rail: 'data-quality', detail: 'the log has a gap' };
  const records = sum.events + sum.decodeErrors;
  if (records < LEAST) return undefined;
  const unread = sum.decodeErrors / records;
  if (unread > settings.decodeErrors) {
    return { rail: 'data-quality', detail: `${percent(unread)} of the records could not be read` };
  }
  const wrong = sum.events === 0 ? 0 : sum.clockFaults / sum.events;
  if (wrong > settings.clockFaults) {
    return { rail: 'data-quality', detail: `the clock of ${percent(wrong)} of the events was wrong` };
  }
  return undefined;
}
