import rateLimit from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createListener, type Listener, type ListenerKind, type Listening, MINUTE } from '../api/listener';
import { Problem } from '../api/problem';

export interface InboundCall {
  /** As it came over the wire: signatures are over these bytes. */
  readonly body: Buffer;
  /** One value of a header; undefined where there is none, or several. */
  readonly header: (name: string) => string | undefined;
  /** The same of the query. */
  readonly query: (name: string) => string | undefined;
}

export interface InboundAnswer {
  readonly status: number;
  /** Media type of `body`. */
  readonly type: string;
  readonly body: string;
}

export interface InboundRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Of the body of a POST. */
  readonly accepts: string;
  /** Bytes. */
  readonly maxBody: number;
  /** Throws a `Problem` for what it refuses. Proves by itself who is calling. */
  run(call: InboundCall): Promise<InboundAnswer>;
}

export interface InboundOptions extends Listening {
  /** Calls of one address. */
  readonly perMinute: number;
  readonly routes: readonly InboundRoute[];
}

export interface InboundServer {
  readonly url: string;
  /** Stops listening, finishes the calls in progress. */
  close(): Promise<void>;
}

const WRONG_TYPE = 'The body is of another media type than is taken here.';

const kind: ListenerKind = {
  contentSecurityPolicy: "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  wrongType: WRONG_TYPE,
  maxConnections: 64,
};

/**
 * The listener for callers without a token of the API. Host and rate are checked before a body is read; who calls is proved
 * by each route. Refusals never repeat what was sent. Rejects when the address cannot be listened on.
 */
export async function createInbound(options: InboundOptions): Promise<InboundServer> {
  const listener = createListener(options, kind);
  const { app } = listener;
  for (const type of new Set(options.routes.filter(({ method }) => method === 'POST').map(({ accepts }) => accepts)))
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  await app.register(rateLimit, { global: false, timeWindow: MINUTE, ipv6Subnet: 64 });
  app.addHook('onRequest', admission(listener, options));
  for (const { method, path, accepts, maxBody, run } of options.routes) {
    app.route({
      method,
      url: path,
      ...(method === 'POST' ? { bodyLimit: maxBody } : {}),
      handler: async (request, reply) => {
        const { body } = request;
        const type = (request.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
        if (method === 'POST' && (!Buffer.isBuffer(body) || type !== accepts)) throw new Problem(415, WRONG_TYPE);
        const one = (values: unknown) => (name: string) => {
          const value = (values as Readonly<Record<string, unknown>>)[name];
          return typeof value === 'string' ? value : undefined;
        };
        const answer = await run({
          body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
          header: one(request.headers),
          query: one(request.query),
        });
        return reply.code(answer.status).type(answer.type).send(answer.body);
      },
    });
  }
  const url = await listener.listen();
  return { url, close: () => app.close() };
}

function admission({ app, admit }: Listener, options: InboundOptions) {
  const ofAddress = app.createRateLimit({
    max: options.perMinute,
    timeWindow: MINUTE,
    keyGenerator: (request) => request.ip,
    ipv6Subnet: 64,
  });
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    admit(request, reply);
    const limit = await ofAddress(request);
    if (limit.isAllowed || !limit.isExceeded) return;
    reply.header('retry-after', limit.ttlInSeconds);
    throw new Problem(429, 'Too many calls in a minute.');
  };
}
