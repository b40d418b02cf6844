import { createHash } from 'node:crypto';
import type { AlertDocument } from '../../domain/alert';
import type { AlertSink, Clock } from '../../ports';
import { type Answer, isSuccess, type Poster, refusal } from '../http-post';
import { cimAlert } from '../siem/cim';
import { plain } from '../siem/text';
import { createTurns } from '../turns';
import type { RejectDocument } from '../undelivered';
import { createUnfinished } from '../unfinished';
import { type AckOptions, createAcks } from './ack';

/** Below Splunk's default limit for a request (`max_content_length`) by far. */
const REQUEST_BYTES = 512 * 1024;

/** Codes of HEC that blame the content of a request, not the token, the index or the server. */
const CONTENT_FAULTS = new Set([5, 6, 12, 13, 15]);

export interface SplunkOptions {
  readonly name: string;
  readonly poster: Poster;
  readonly token: string;
  readonly index: string | undefined;
  readonly source: string;
  readonly sourcetype: string;
  readonly host: string;
  /** Indexer acknowledgement; undefined where the token does not use it. */
  readonly ack: AckOptions | undefined;
  readonly clock: Clock;
  /** Told of a document that the collector will never take. */
  readonly onReject: RejectDocument;
}

/**
 * Alerts to Splunk's HTTP Event Collector (`/services/collector/event`) as events of the CIM Alerts data model,
 * concatenated, at most 512 KiB a request. Without acknowledgement `write` resolves when the collector has taken the
 * events (it may still lose them); with it, when the indexers have them. A request whose content is refused is halved
 * until the document at fault is alone, which goes to `onReject`.
 */
export function createSplunkSink(options: SplunkOptions): AlertSink {
  const { name, poster, token, onReject } = options;
  const inTurn = createTurns();
  const unfinished = createUnfinished();
  const acks = options.ack === undefined ? undefined : createAcks(poster, token, options.ack, options.clock);
  const headers = {
    authorization: `Splunk ${token}`,
    'content-type': 'application/json',
    ...(acks === undefined ? {} : { 'x-splunk-request-channel': acks.channel }),
  };

  async function send(documents: readonly AlertDocument[]): Promise<void> {
    const body = documents.map((document) => hecEvent(document, options)).join('');
    const print = createHash('sha256').update(body).digest('base64');
    if (acks?.pending(print) !== true) {
      const answer = await poster.post('/services/collector/event', headers, body);
      const { code, text, ackId } = said(answer);
      if (isSuccess(answer) && code === undefined) throw new Error('what answers is no event collector');
      if (!isSuccess(answer) || code !== 0) {
        if (answer.status !== 413 && !(answer.status === 400 && CONTENT_FAULTS.has(code ?? -1))) {
          throw refusal(answer, text);
        }
        return half(documents, text || `HTTP ${answer.status}`);
      }
      if (acks !== undefined && ackId === undefined) {
        throw new Error('the collector gave no ackId: indexer acknowledgement is off for this token');
      }
      acks?.sent(print, ackId!);
    }
    await acks?.settled();
    unfinished.have(documents);
  }

  async function half(documents: readonly AlertDocument[], reason: string): Promise<void> {
    if (documents.length === 1) {
      await onReject(name, documents[0]!, reason);
      unfinished.have(documents);
      return;
    }
    const middle = documents.length >> 1;
    await send(documents.slice(0, middle));
    await send(documents.slice(middle));
  }

  return {
    name,
    write: (documents) =>
      inTurn(async () => {
        for (const portion of portions(unfinished.rest(documents), options)) await send(portion);
        unfinished.finish();
      }),
    close: () => inTurn(() => poster.close()),
  };
}

type EventPlace = Pick<SplunkOptions, 'index' | 'source' | 'sourcetype' | 'host'>;

/** One event in the collector's envelope; `time` in seconds since 1970 UTC, with milliseconds. */
export function hecEvent(document: AlertDocument, { index, source, sourcetype, host }: EventPlace): string {
  return JSON.stringify({
    time: Date.parse(document['@timestamp']) / 1_000,
    host,
    source,
    sourcetype,
    ...(index === undefined ? {} : { index }),
    event: cimAlert(document),
  });
}

function* portions(documents: readonly AlertDocument[], place: EventPlace): Generator<readonly AlertDocument[]> {
  let portion: AlertDocument[] = [];
  let bytes = 0;
  for (const document of documents) {
    const size = Buffer.byteLength(hecEvent(document, place));
    if (portion.length > 0 && bytes + size > REQUEST_BYTES) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(document);
    bytes += size;
  }
  if (portion.length > 0) yield portion;
}

interface Said {
  readonly code: number | undefined;
  /** The collector's words, bounded; ours, where the answer is none of its own. */
  readonly text: string;
  readonly ackId: number | undefined;
}

function said({ body }: Answer): Said {
  try {
    const { code, text, ackId } = JSON.parse(body) as { code?: unknown; text?: unknown; ackId?: unknown };
    const number = (value: unknown) => (typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined);
    const words = typeof text === 'string' ? plain(text, 100) : '';
    const known = number(code);
    return { code: known, text: known === undefined ? words : `${words}, code ${known}`, ackId: number(ackId) };
  } catch {
    return { code: undefined, text: '', ackId: undefined };
  }
}
