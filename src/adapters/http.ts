import { fastify } from 'fastify';
import type { Metrics } from './metrics';

/** A part of the process that can say what is wrong with it; sources, sinks and enforcers fit. */
export interface Part {
  readonly name: string;
  /** Undefined when all is well. */
  problem(): string | undefined;
}

export interface HttpOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Asked anew on every request, since parts come and go. */
  readonly parts: () => readonly Part[];
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
}

export interface HttpServer {
  /** `http://127.0.0.1:9464` */
  readonly url: string;
  /** Stops listening, finishes the requests in progress, closes idle connections. */
  close(): Promise<void>;
}

/**
 * The operations endpoint: `/livez` (the process answers), `/readyz` (200, or 503 with `problems: [{ part, problem }]`)
 * and `/metrics`. GET and HEAD only. Rejects when the address cannot be listened on.
 */
export const createHttp = async (options: HttpOptions): Promise<HttpServer> => {
  const app = fastify({ logger: false, bodyLimit: 1_024, requestTimeout: 10_000, forceCloseConnections: 'idle' });
  // Before routing, so that no body of a refused request is read.
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      await reply.code(405).header('allow', 'GET, HEAD').send({ error: 'method not allowed' });
    }
  });
  app.setNotFoundHandler((_, reply) => reply.code(404).send({ error: 'not found' }));
  app.setErrorHandler((_, __, reply) => reply.code(500).send({ error: 'internal error' }));
  app.get('/livez', async () => ({ live: true }));
  app.get('/readyz', async (_, reply) => {
    const problems = problemsOf(options.parts());
    return reply.code(problems.length === 0 ? 200 : 503).send({ ready: problems.length === 0, problems });
  });
  app.get('/metrics', async (_, reply) => reply.type(options.metrics.contentType).send(await options.metrics.text()));
  const url = await app.listen({ host: options.host, port: options.port });
  return { url, close: () => app.close() };
};

/** What is wrong, part by part; none when the process is ready. */
export const problemsOf = (parts: readonly Part[]): readonly { readonly part: string; readonly problem: string }[] =>
  parts.flatMap((part) => {
    const problem = problemOf(part);
    return problem === undefined ? [] : [{ part: part.name, problem }];
  });

/** A part that cannot even say how it is, is not well. */
const problemOf = (part: Part): string | undefined => {
  try {
    return part.problem();
  } catch {
    return 'does not answer';
  }
};
