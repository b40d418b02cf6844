import type { AlertDocument } from '../../domain/alert';
import type { AlertSink, Clock } from '../../ports';
import { RetryLater, retryAfterMs } from '../retry-later';
import { createTurns } from '../turns';
import { createUnfinished } from '../unfinished';
import { type BulkResult, type Item, portions, readAnswer, type Verdict } from './bulk';
import { type Elasticsearch, ElasticsearchFault } from './client';
import { DATASET, dataStreamName } from './data-stream';

export interface ElasticsearchSinkOptions {
  readonly elasticsearch: Elasticsearch;
  /** Tells this cluster from others in the sink's name. */
  readonly host: string;
  readonly namespace: string;
  /** Most bytes of one request, before compression. */
  readonly maxBatchBytes: number;
  readonly clock: Clock;
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number;
  /** Sets aside a document that the receiver will never take; `write` rejects when it rejects. */
  readonly onReject: (sink: string, document: AlertDocument, reason: string) => Promise<void>;
  /** Waits before the second and later tries; their number bounds the tries. Default 250, 1,000, 4,000 milliseconds. */
  readonly waitsMs?: readonly number[];
}

/**
 * Alerts to the data stream `logs-keywatch.alert-<namespace>`, each created under its `event.id`: a repeated one is
 * answered 409 and counts as written. `write` resolves when every document is in the index or set aside. It tries
 * again, within `waitsMs` and with jitter, what an overloaded server or a broken connection refused; halves what is too
 * large for one request; and rejects when documents are left over, with `RetryLater` where the answer says when to come
 * again. The next `write` of the same documents then sends only those. Writes run one after another.
 */
export function createElasticsearchSink(options: ElasticsearchSinkOptions): AlertSink {
  const { elasticsearch, host, namespace, maxBatchBytes, clock, random, onReject } = options;
  const { waitsMs = [250, 1_000, 4_000] } = options;
  const index = dataStreamName(namespace);
  const name = `elasticsearch:${host}/${index}`;
  const closing = new AbortController();
  const inTurn = createTurns();
  /** Not left to the answer 409: uniqueness of ids ends where the stream rolls over. */
  const unfinished = createUnfinished();

  async function send(items: readonly Item[]): Promise<BulkResult> {
    try {
      const answer = await elasticsearch.request({
        method: 'POST',
        path: '/_bulk',
        query: { require_data_stream: 'true', filter_path: 'errors,error,items.*.status,items.*.error' },
        lines: items.map((item) => item.text).join(''),
      });
      return readAnswer(answer, items.length);
    } catch (error) {
      if (!(error instanceof ElasticsearchFault)) throw error;
      return { kind: error.quick ? 'again' : 'fault', reason: error.message };
    }
  }

  /** One pass over `items`: those that are to be tried again, and why. Throws for what waiting does not mend. */
  async function pass(items: readonly Item[], settle: (item: Item, verdict: Verdict) => Promise<void>) {
    const left: Item[] = [];
    let reason = '';
    const queue: (readonly Item[])[] = [...portions(items, maxBatchBytes)];
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      const result = await send(batch);
      if (result.kind === 'fault') throw new Error(`${name}: ${result.reason}`);
      if (result.kind === 'again') {
        const asked = retryAfterMs(result.retryAfter, clock.now());
        if (asked !== undefined) throw new RetryLater(`${name}: ${result.reason}`, asked);
        // The server is struggling: what waits behind this batch would only add to it.
        return { left: [...left, ...batch, ...queue.flat()], reason: result.reason };
      }
      if (result.kind === 'too-large') {
        const half = Math.ceil(batch.length / 2);
        if (batch.length === 1) {
          const reason = `413: one document of ${batch[0].bytes} bytes is too large for the server`;
          await settle(batch[0], { kind: 'refused', reason });
        } else queue.unshift(batch.slice(0, half), batch.slice(half));
        continue;
      }
      for (const [i, verdict] of result.verdicts.entries()) {
        if (verdict.kind === 'again') {
          left.push(batch[i]);
          reason = verdict.reason;
        } else await settle(batch[i], verdict);
      }
    }
    return { left, reason };
  }

  async function writeAll(documents: readonly AlertDocument[]): Promise<void> {
    const fresh = unfinished.rest(documents);
    // The server refuses the whole request for one such id, and what it says of the others is lost.
    const impossible = (item: Item) => !possibleId(fresh[item.index].event.id);
    let waiting = fresh.map((document, i) => itemOf(document, i, index, namespace, clock.now()));
    const settle = async (item: Item, verdict: Verdict) => {
      const document = fresh[item.index];
      if (verdict.kind === 'refused') await onReject(name, document, verdict.reason);
      unfinished.have([document]);
    };
    for (const item of waiting.filter(impossible)) {
      await settle(item, { kind: 'refused', reason: `an id has 1 to ${MAX_ID_BYTES} bytes` });
    }
    waiting = waiting.filter((item) => !impossible(item));
    for (let attempt = 0; waiting.length > 0; attempt += 1) {
      if (closing.signal.aborted) throw new Error(`${name} is closed`);
      const { left, reason } = await pass(waiting, settle);
      if (left.length > 0) {
        if (attempt >= waitsMs.length) throw new Error(`${name}: ${left.length} not taken: ${reason}`);
        await clock.sleep(waitsMs[attempt] * (0.5 + random() / 2), closing.signal);
      }
      waiting = left;
    }
    unfinished.finish();
  }

  return {
    name,
    write: (documents) => inTurn(() => writeAll(documents)),
    close() {
      closing.abort();
      return inTurn(() => elasticsearch.close());
    },
  };
}

const MAX_ID_BYTES = 512;
const possibleId = (id: string): boolean => id !== '' && Buffer.byteLength(id) <= MAX_ID_BYTES;

/** The document as it is sent: with the time of sending and the data stream's own three fields. */
function itemOf(document: AlertDocument, index: number, stream: string, namespace: string, now: number): Item {
  const source = {
    ...document,
    event: { ...document.event, ingested: new Date(now).toISOString() },
    data_stream: { type: 'logs', dataset: DATASET, namespace },
  };
  const action = { create: { _index: stream, _id: document.event.id } };
  const text = `${JSON.stringify(action)}\n${JSON.stringify(source)}\n`;
  return { index, text, bytes: Buffer.byteLength(text) };
}
