import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { Client, type ClientOptions, errors } from '@elastic/elasticsearch';
import type { ElasticsearchOutput } from '../../config/elasticsearch';
import { pinnedAuthority } from './pinned-authority';

/** How to reach the cluster. The secrets are resolved by the caller. */
export type ElasticsearchConnection = Pick<ElasticsearchOutput, 'nodes' | 'tls' | 'requestTimeout'> & {
  readonly credentials?: { readonly apiKey: string } | { readonly username: string; readonly password: string };
};

export interface ElasticsearchRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Newline-delimited JSON, ready to send; instead of `body`. */
  readonly lines?: string;
}

export interface ElasticsearchAnswer {
  readonly status: number;
  readonly body: unknown;
  /** The header `retry-after` as it came; proxies in front of a cluster send it. */
  readonly retryAfter?: string | string[] | undefined;
  /** The header `date` where there was one: the clock of whoever answered. */
  readonly date?: unknown;
}

/**
 * One attempt each: what is to be tried again, and when, is for the caller to say. Any status is an answer. Rejects
 * with `ElasticsearchFault` where there is none (or none of Elasticsearch).
 */
export interface Elasticsearch {
  request(request: ElasticsearchRequest): Promise<ElasticsearchAnswer>;
  close(): Promise<void>;
}

/** No answer. The message holds no secret and nothing that was sent. */
export class ElasticsearchFault extends Error {
  override readonly name = 'ElasticsearchFault';
  constructor(
    message: string,
    /** It failed at once and trying again soon may help; false for a timeout, which cost its time. */
    readonly quick: boolean,
  ) {
    super(message);
  }
}

/** Many times what a cluster answers to the largest request; of a longer answer the rest is not read. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** Connects to nothing yet. Throws when the CA file cannot be read. */
export function createElasticsearch(connection: ElasticsearchConnection): Elasticsearch {
  const { nodes, tls, credentials, requestTimeout } = connection;
  const authority = tls?.caFile === undefined ? undefined : readAuthority(tls.caFile);
  let client: Client | undefined;

  async function connected(): Promise<Client> {
    if (client !== undefined) return client;
    const options: ClientOptions = {
      nodes: [...nodes],
      maxRetries: 0,
      requestTimeout,
      compression: true,
      enableMetaHeader: false,
      name: 'keywatch',
    };
    if (credentials !== undefined) options.auth = credentials;
    const trusted: ConnectionOptions = {};
    if (authority !== undefined) trusted.ca = [authority];
    if (tls?.caFingerprint !== undefined) {
      trusted.ca = [await fetchAuthority(nodes, tls.caFingerprint, requestTimeout)];
    }
    if (trusted.ca !== undefined) options.tls = trusted;
    client ??= new Client(options);
    return client;
  }

  return {
    async request({ method, path, query, body, lines }) {
      const parameters = {
        method,
        path,
        ...(query === undefined ? {} : { querystring: { ...query } }),
        ...(body === undefined ? {} : { body: { ...body } }),
        ...(lines === undefined ? {} : { bulkBody: lines }),
      };
      // The client's own timeout ends with the head of an answer: a body that trickles would hold the output for ever.
      let late: AbortSignal | undefined;
      try {
        const { transport } = await connected();
        late = AbortSignal.timeout(requestTimeout);
        const answer = await transport.request(parameters, {
          meta: true,
          signal: late,
          maxResponseSize: MAX_ANSWER_BYTES,
          maxCompressedResponseSize: MAX_ANSWER_BYTES,
        });
        return { status: answer.statusCode, body: answer.body, date: answer.headers?.date };
      } catch (error) {
        if (error instanceof errors.ResponseError) {
          const { body, headers } = error.meta;
          return { status: error.statusCode ?? 0, body, retryAfter: headers?.['retry-after'], date: headers?.date };
        }
        if (late?.aborted === true) throw new ElasticsearchFault('no answer within requestTimeout', false);
        throw faultOf(error);
      }
    },
    async close() {
      await client?.close();
      client = undefined;
    },
  };
}

/** The same, trying again at once after a fault that is `quick`: `tries` reach every node of a cluster with fewer. */
export function persistent(elasticsearch: Elasticsearch, tries: number): Elasticsearch {
  return {
    ...elasticsearch,
    async request(request) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await elasticsearch.request(request);
        } catch (error) {
          if (attempt >= tries || !(error instanceof ElasticsearchFault && error.quick)) throw error;
        }
      }
    },
  };
}

function readAuthority(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`tls.caFile: cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'failed'}`);
  }
}

/** From the first node that answers; all of a cluster have certificates of one authority. */
async function fetchAuthority(nodes: readonly string[], fingerprint: string, timeoutMs: number): Promise<string> {
  let fault = 'no node could be asked';
  for (const node of nodes) {
    try {
      const found = await pinnedAuthority(new URL(node), fingerprint, timeoutMs);
      if (found !== undefined) return found;
      throw new ElasticsearchFault(`${node} presents no certificate with the fingerprint tls.caFingerprint`, false);
    } catch (error) {
      if (error instanceof ElasticsearchFault) throw error;
      fault = `${node}: ${textOf(error)}`;
    }
  }
  throw new ElasticsearchFault(fault, true);
}

function faultOf(error: unknown): ElasticsearchFault {
  if (error instanceof ElasticsearchFault) return error;
  if (error instanceof errors.TimeoutError) return new ElasticsearchFault('no answer within requestTimeout', false);
  if (error instanceof errors.ProductNotSupportedError) {
    return new ElasticsearchFault(
      'what answers is not Elasticsearch: the header x-elastic-product is missing (OpenSearch, or a proxy that drops it)',
      false,
    );
  }
  if (error instanceof errors.DeserializationError) return new ElasticsearchFault('the answer is not JSON', true);
  return new ElasticsearchFault(`cannot be reached: ${textOf(error)}`, error instanceof errors.ConnectionError);
}

/** An error's first line. The client's errors carry the request, secrets replaced; none of that is kept. */
const textOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0].slice(0, 200);
