import { Agent, type buildConnector, request } from 'undici';
import { RetryLater, retryAfterMs } from './retry-later';
import { RefusedAddress } from './webhook/address-guard';

/** Much more than any receiver answers that says something; the rest is not read. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface Answer {
  readonly status: number;
  /** At most 64 KiB. */
  readonly body: string;
  readonly retryAfterMs: number | undefined;
}

export interface Poster {
  /** One attempt. Throws on no answer, naming neither host nor path: either may hold a secret. */
  post(path: string, headers: Readonly<Record<string, string>>, body: string | Buffer): Promise<Answer>;
  close(): Promise<void>;
}

export interface PosterOptions {
  /** The receiver; `path` of a call is resolved against it. */
  readonly url: string;
  readonly connect: buildConnector.connector;
  /** For one attempt as a whole, milliseconds. */
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** POSTs over one kept connection; redirects are not followed. */
export function createPoster({ url, connect, timeoutMs, now }: PosterOptions): Poster {
  const dispatcher = new Agent({ connect, pipelining: 1, connections: 1 });
  const closing = new AbortController();
  return {
    async post(path, headers, body) {
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        const answer = await request(path === '' ? url : new URL(path, url), {
          dispatcher,
          method: 'POST',
          signal: AbortSignal.any([timeout, closing.signal]),
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
          headers: { 'user-agent': 'keywatch', ...headers },
          body,
        });
        return {
          status: answer.statusCode,
          body: await textOf(answer.body),
          retryAfterMs: retryAfterMs(answer.headers['retry-after'], now()),
        };
      } catch (error) {
        if (error instanceof RefusedAddress) throw error;
        const { code, name } = error as { code?: unknown; name?: unknown };
        const known = [code, name].find((text) => typeof text === 'string' && /^[A-Za-z0-9_]{1,64}$/.test(text));
        throw new Error(timeout.aborted ? 'no answer in time' : `no answer (${known ?? 'unknown error'})`);
      }
    },
    async close() {
      closing.abort();
      await dispatcher.destroy();
    },
  };
}

async function textOf(stream: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      stream.destroy();
      break;
    }
  }
  return Buffer.concat(chunks).toString('utf8', 0, Math.min(bytes, MAX_ANSWER_BYTES));
}

/** The error of a refused write; with the receiver's wish where it has one. */
export function refusal(answer: Answer, words = ''): Error {
  const text = `HTTP ${answer.status}${words === '' ? '' : ` (${words})`}`;
  return answer.retryAfterMs === undefined ? new Error(text) : new RetryLater(text, answer.retryAfterMs);
}

export const isSuccess = ({ status }: Answer): boolean => status >= 200 && status < 300;
