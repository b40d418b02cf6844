import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { type Sample, samplesOf } from '../adapters/doctor/exposition';
import { CHECK_MS, codeText, OutOfTime, within } from '../adapters/doctor/finding';
import type { Config } from '../config';

/** How the running process is, as its own endpoints tell it. `undefined` where they do not say. */
export interface Status {
  readonly url: string;
  /** Undefined when it answers; else why not. */
  readonly down: string | undefined;
  readonly ready: boolean;
  readonly problems: readonly { readonly part: string; readonly problem: string }[];
  readonly version: string | undefined;
  /** Of the partition furthest behind, seconds. */
  readonly eventTimeLag: number | undefined;
  /** Records that wait, over all partitions. */
  readonly consumerLag: number | undefined;
  readonly events: number | undefined;
  readonly keys: number | undefined;
  /** Partitions that still learn from history, and are silent; of how many. */
  readonly learning: { readonly partitions: number; readonly of: number } | undefined;
  readonly breakerOpen: boolean | undefined;
  readonly suspendedKeys: number | undefined;
  /** Since the start of the process, by sink. */
  readonly deliveries: readonly {
    readonly sink: string;
    readonly written: number;
    readonly retried: number;
    readonly failed: number;
  }[];
  readonly outboxBytes: number | undefined;
  readonly deadLetters: { readonly written: number; readonly suppressed: number } | undefined;
  /** Milliseconds since the newest checkpoint was written, from the state directory. */
  readonly checkpointAge: number | undefined;
}

const MAX_PAGE_BYTES = 4_194_304;

/** Asks `/readyz` and `/metrics` of the configured address, each for at most 5 s. Never rejects for what it finds. */
export async function askStatus(config: Pick<Config, 'http' | 'state'>, now: () => number): Promise<Status> {
  const url = `http://${reachableHost(config.http.host)}:${config.http.port}`;
  const checkpointAge = await newestAge(join(config.state.dir, 'checkpoints'), now());
  try {
    const readiness = parsed(await fetchText(`${url}/readyz`));
    return { ...told(samplesOf(await fetchText(`${url}/metrics`))), ...readiness, url, down: undefined, checkpointAge };
  } catch (error) {
    const down = error instanceof OutOfTime || error instanceof NoKeywatch ? error.message : codeText(error);
    return { ...told([]), url, down, ready: false, problems: [], checkpointAge };
  }
}

/** A process that listens everywhere is asked on the loopback. */
const reachableHost = (host: string): string => {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
};

class NoKeywatch extends Error {
  override readonly name = 'NoKeywatch';
}

async function fetchText(url: string): Promise<string> {
  // Of its own, so that no idle connection is left behind.
  const dispatcher = new Agent({ connections: 1 });
  try {
    return await within(CHECK_MS, async (signal) => {
      const answer = await request(url, { dispatcher, signal, headers: { 'user-agent': 'keywatch' } });
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > MAX_PAGE_BYTES) throw new NoKeywatch('what answers there is not keywatch');
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString('utf8');
    });
  } finally {
    await dispatcher.destroy();
  }
}

const parsed = (body: string): Pick<Status, 'ready' | 'problems'> => {
  try {
    const { ready, problems } = JSON.parse(body) as Partial<Pick<Status, 'ready' | 'problems'>>;
    if (typeof ready === 'boolean' && Array.isArray(problems)) {
      const list = problems
        .slice(0, 100)
        .map(({ part, problem }) => ({ part: String(part), problem: String(problem) }));
      return { ready, problems: list };
    }
  } catch {
    // Told below.
  }
  throw new NoKeywatch('what answers there is not keywatch');
};

type Told = Omit<Status, 'url' | 'down' | 'ready' | 'problems' | 'checkpointAge'>;

function told(samples: readonly Sample[]): Told {
  const all = (name: string) => samples.filter((sample) => sample.name === `keywatch_${name}`);
  const sum = (list: readonly Sample[]) => list.reduce((total, { value }) => total + value, 0);
  const total = (name: string) => (all(name).length === 0 ? undefined : sum(all(name)));
  const lags = all('event_time_lag_seconds').map(({ value }) => value);
  const deliveries = all('deliveries_total');
  const letters = all('dead_letters_total');
  const breaker = total('breaker_open');
  const learning = all('learning');
  const count = (list: readonly Sample[], result: string) => sum(list.filter(({ labels }) => labels.result === result));
  return {
    version: all('build_info')[0]?.labels.version,
    eventTimeLag: lags.length === 0 ? undefined : Math.max(...lags),
    consumerLag: total('consumer_lag_records'),
    events: total('events_total'),
    keys: total('state_keys'),
    learning: learning.length === 0 ? undefined : { partitions: sum(learning), of: learning.length },
    breakerOpen: breaker === undefined ? undefined : breaker > 0,
    suspendedKeys: total('suspended_keys'),
    deliveries: [...new Set(deliveries.map(({ labels }) => labels.sink ?? ''))].map((sink) => {
      const own = deliveries.filter(({ labels }) => labels.sink === sink);
      return { sink, written: count(own, 'written'), retried: count(own, 'retried'), failed: count(own, 'failed') };
    }),
    outboxBytes: total('outbox_bytes'),
    deadLetters:
      letters.length === 0
        ? undefined
        : { written: count(letters, 'written'), suppressed: count(letters, 'suppressed') },
  };
}

/** Of the newest checkpoint; undefined where there is none or the directory cannot be seen from here. */
async function newestAge(dir: string, now: number): Promise<number | undefined> {
  const names = (await readdir(dir).catch(() => [] as string[])).filter((name) => name.endsWith('.ckpt'));
  const times = await Promise.all(
    names.map((name) =>
      stat(join(dir, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => Number.NEGATIVE_INFINITY,
      ),
    ),
  );
  const newest = Math.max(...times);
  return Number.isFinite(newest) ? Math.max(0, now - newest) : undefined;
}
