import { randomUUID } from 'node:crypto';
import type { Clock } from '../../ports';
import { isSuccess, type Poster, refusal } from '../http-post';

export interface AckOptions {
  /** How long one write waits for the indexers, milliseconds; then it fails, and the next one goes on waiting. */
  readonly waitMs: number;
  /** After this without acknowledgement the events count as lost and are sent again, milliseconds. */
  readonly timeoutMs: number;
}

const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 5_000;

/** Indexer acknowledgement: asks whether the indexers have what was sent, until they have it. */
export interface Acks {
  /** GUID of the channel: acknowledgement ids count within it. */
  readonly channel: string;
  /** Whether exactly these bytes were sent, are not acknowledged, and are not given up. */
  pending(print: string): boolean;
  sent(print: string, ackId: number): void;
  /** Resolves when what was sent last is acknowledged; rejects when it was not within `waitMs`, or without an answer. */
  settled(): Promise<void>;
}

/**
 * A write that was not acknowledged in time is not sent again at once: the retry of the same events asks on about the
 * same `ackId`, up to `timeoutMs`. Only then are they sent anew, with which they may be in the index twice.
 */
export function createAcks(poster: Poster, token: string, { waitMs, timeoutMs }: AckOptions, clock: Clock): Acks {
  const channel = randomUUID();
  const headers = {
    authorization: `Splunk ${token}`,
    'content-type': 'application/json',
    'x-splunk-request-channel': channel,
  };
  let last: { readonly print: string; readonly ackId: number; readonly at: number } | undefined;

  async function acknowledged(ackId: number): Promise<boolean> {
    const answer = await poster.post(
      `/services/collector/ack?channel=${channel}`,
      headers,
      JSON.stringify({ acks: [ackId] }),
    );
    if (!isSuccess(answer)) throw refusal(answer, 'asking for acknowledgement');
    try {
      const { acks } = JSON.parse(answer.body) as { acks?: Readonly<Record<string, unknown>> };
      return acks?.[String(ackId)] === true;
    } catch {
      throw new Error('the collector answered no JSON when asked for acknowledgement');
    }
  }

  return {
    channel,
    pending: (print) => last?.print === print && clock.now() - last.at < timeoutMs,
    sent: (print, ackId) => {
      last = { print, ackId, at: clock.now() };
    },
    async settled() {
      if (last === undefined) return;
      const until = clock.now() + waitMs;
      for (let pause = FIRST_POLL_MS; ; pause = Math.min(2 * pause, LONGEST_POLL_MS)) {
        if (await acknowledged(last.ackId)) break;
        const left = until - clock.now();
        if (left <= 0) throw new Error('the indexers have not acknowledged the events yet');
        await clock.sleep(Math.min(pause, left));
      }
      // An id that was answered once is forgotten by the collector: asking again would say false.
      last = undefined;
    },
  };
}
