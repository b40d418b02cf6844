import { createHash, randomBytes } from 'node:crypto';
import type { Checkpoint, CheckpointStore } from '../../ports';
import { FORMAT } from '../../state/format';
import {
  type Known,
  keysOf,
  type Manifest,
  manifestKey,
  manifestOf,
  PAGE_BYTES,
  pageKey,
  pagesOf,
  partOf,
  sha256,
} from './checkpoint-pages';
import type { KafkaLog } from './connection';
import type { KeyedTopic } from './keyed-topic';

/** Pages a request: a broker refuses batches of more than about a megabyte by default. */
const PAGES_AT_ONCE = 3;
const TOMBSTONES_AT_ONCE = 1_000;
/** Records looked at first, from the end of the topic; four times as many each time that no checkpoint is among them. */
const FIRST_LOOK = 64;

interface Found extends Manifest {
  readonly offset: number;
}

/** Ids of checkpoints of which pages were seen, with how many there are at least, and of which the manifest is deleted. */
interface Seen {
  readonly seen: Map<string, number>;
  readonly deleted: Set<string>;
}

/** What is in the topic of one partition, as far as this process knows. */
interface Contents {
  /** The newest checkpoint known to be whole. */
  newest: Known | undefined;
  /** Records to be deleted after the next checkpoint: of older ones, and of those that were never finished. */
  readonly over: Known[];
}

/**
 * Checkpoints in a compacted topic, so that whichever process takes a partition over finds what was learned. Pages first, the
 * manifest last: a checkpoint is there when its manifest is. Then the records of all but this and the one before are
 * deleted. `load` answers the one furthest in the log among the newest, whoever wrote it; where pages are missing or
 * changed it goes back to the one before and says so. Rejects when there are checkpoints but none is whole. Partition p of
 * the log lies in partition p modulo the topic's number of partitions, which must not be changed.
 */
export function createKafkaCheckpointStore(topic: KeyedTopic, build: string, log: KafkaLog): CheckpointStore {
  const contents = new Map<number, Contents>();
  const saving = new Map<number, Promise<void>>();

  const placeOf = async (partition: number) => partition % (await topic.partitions());

  /** Manifests that stand, newest first, a look further back at each step; what was never finished goes into `seen`. */
  async function* manifests(partition: number, place: number, { seen, deleted }: Seen): AsyncGenerator<Found[]> {
    const low = await topic.low(place);
    const mark = Buffer.from(JSON.stringify({ partition }));
    let until = await topic.append(place, [{ key: `${partition}/mark`, value: mark }]);
    for (let size = FIRST_LOOK; until > low; size *= 4) {
      const from = Math.max(low, until - size);
      const found = new Map<string, Found>();
      await topic.read(place, from, until, ({ offset, key, value }) => {
        const part = partOf(key, partition);
        if (part === undefined) return;
        const { id, page } = part;
        if (page !== 'manifest') {
          if (value !== null) seen.set(id, Math.max(seen.get(id) ?? 0, page + 1));
        } else if (value === null) {
          deleted.add(id);
          found.delete(id);
        } else {
          const manifest = deleted.has(id) ? undefined : manifestOf(value);
          if (manifest !== undefined) found.set(id, { ...manifest, offset });
        }
      });
      yield [...found.values()].sort((a, b) => b.next - a.next || b.offset - a.offset);
      until = from;
    }
  }

  /** The state, or what is wrong with it. */
  async function assemble(place: number, manifest: Found): Promise<Uint8Array | string> {
    const { partition, id, bytes, pages, pageBytes, digests, first, offset } = manifest;
    if (digests.length !== pages || pages !== Math.ceil(bytes / pageBytes)) return 'its manifest contradicts itself';
    const state = Buffer.allocUnsafeSlow(bytes);
    const wanted = new Set(digests.keys());
    if (pages === 0) return state;
    await topic.read(place, first, offset, ({ key, value }) => {
      const part = partOf(key, partition);
      if (part?.id !== id || value === null || !wanted.has(part.page as number)) return;
      const page = part.page as number;
      const at = page * pageBytes;
      if (value.length !== Math.min(pageBytes, bytes - at) || sha256(value) !== digests[page]) return;
      value.copy(state, at);
      wanted.delete(page);
    });
    if (wanted.size === 0) return state;
    return `${wanted.size} of its ${pages} pages are missing or changed, the first of them ${Math.min(...wanted)}`;
  }

  async function load(partition: number): Promise<Uint8Array | undefined> {
    const place = await placeOf(partition);
    const looks: Seen = { seen: new Map(), deleted: new Set() };
    const faults: string[] = [];
    const over: Known[] = [];
    for await (const candidates of manifests(partition, place, looks)) {
      for (const manifest of candidates) {
        const { id, pages, older } = manifest;
        const state = await assemble(place, manifest);
        if (typeof state === 'string') {
          faults.push(`${id}: ${state}`);
          over.push({ id, pages });
          log('warn', 'a checkpoint is not whole; the one before it is used', { partition, id, fault: state });
          continue;
        }
        const unfinished = [...looks.seen].filter(([name]) => !looks.deleted.has(name));
        const others = [
          ...unfinished.map(([name, count]) => ({ id: name, pages: count })),
          ...over,
          ...candidates,
          ...older,
        ];
        const unique = new Map(
          others.map((other): [string, Known] => [other.id, { id: other.id, pages: other.pages }]),
        );
        unique.delete(id);
        contents.set(partition, { newest: { id, pages }, over: [...unique.values()] });
        return state;
      }
    }
    if (faults.length === 0) return undefined;
    throw new Error(
      `no whole checkpoint of partition ${partition} in topic ${topic.name} (${faults.join('; ')}); ` +
        'create the topic anew to learn afresh',
    );
  }

  async function save(partition: number, { next, pieces }: Checkpoint): Promise<void> {
    const place = await placeOf(partition);
    const known = contents.get(partition) ?? { newest: undefined, over: [] };
    contents.set(partition, known);
    const id = `${next}-${randomBytes(4).toString('hex')}`;
    const written = { id, pages: 0 };
    // Until its manifest is there, it is something to be deleted.
    known.over.push(written);
    const whole = createHash('sha256');
    const digests: string[] = [];
    let bytes = 0;
    let first: number | undefined;
    let waiting: { key: string; value: Buffer }[] = [];
    const flush = async () => {
      if (waiting.length === 0) return;
      written.pages = digests.length;
      const at = await topic.append(place, waiting);
      first ??= at;
      waiting = [];
    };
    for (const page of pagesOf(pieces)) {
      waiting.push({ key: pageKey(partition, id, digests.length), value: page });
      whole.update(page);
      digests.push(sha256(page));
      bytes += page.length;
      if (waiting.length === PAGES_AT_ONCE) await flush();
    }
    await flush();
    const pages = digests.length;
    const older = [...known.over.filter((other) => other !== written), ...(known.newest ? [known.newest] : [])];
    const manifest: Manifest = {
      format: 1,
      partition,
      id,
      pages,
      next,
      bytes,
      pageBytes: PAGE_BYTES,
      sha256: whole.digest('hex'),
      digests,
      first: first ?? 0,
      state: FORMAT,
      build,
      older,
    };
    await topic.append(place, [{ key: manifestKey(partition, id), value: Buffer.from(JSON.stringify(manifest)) }]);
    known.over.splice(known.over.indexOf(written), 1);
    await tidy(partition, place, known);
    if (known.newest !== undefined) known.over.push(known.newest);
    known.newest = { id, pages };
  }

  /** What cannot be deleted now stays on the list for the next time; the checkpoint counts all the same. */
  async function tidy(partition: number, place: number, { over }: Contents): Promise<void> {
    try {
      for (let done = over[0]; done !== undefined; done = over[0]) {
        const keys = keysOf(partition, done);
        for (let at = 0; at < keys.length; at += TOMBSTONES_AT_ONCE) {
          const batch = keys.slice(at, at + TOMBSTONES_AT_ONCE);
          await topic.append(
            place,
            batch.map((key) => ({ key, value: null })),
          );
        }
        over.shift();
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log('warn', 'records of older checkpoints could not be deleted; tried again after the next', {
        partition,
        reason,
      });
    }
  }

  return {
    load,
    save(partition, checkpoint) {
      const before = saving.get(partition) ?? Promise.resolve();
      const mine = before.catch(() => {}).then(() => save(partition, checkpoint));
      saving.set(partition, mine);
      return mine;
    },
  };
}
