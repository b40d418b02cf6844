import rateLimit from '@fastify/rate-limit';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { createHostCheck } from '../api/hosts';
import { PROBLEM_TYPE, Problem, problemBody } from '../api/problem';

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

export interface InboundOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly hostNames: readonly string[];
  /** PEM. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Calls of one address. */
  readonly perMinute: number;
  readonly routes: readonly InboundRoute[];
  /** Told of what went wrong on this side. */
  readonly onFault: (path: string, error: unknown) => void;
}

export interface InboundServer {
  readonly url: string;
  /** Stops listening, finishes the calls in progress. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 64;
const MAX_HEADERS = 16_384;
/** A whole request must have come within this time. */
const REQUEST_MS = 10_000;
const MINUTE = 60_000;

const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * The listener for callers without a token of the API. Host and rate are checked before a body is read; who calls is proved
 * by each route. Refusals never repeat what was sent. Rejects when the address cannot be listened on.
 */
export async function createInbound(options: InboundOptions): Promise<InboundServer> {
  const app = instanceOf(options);
  app.server.maxConnections = MAX_CONNECTIONS;
  app.removeAllContentTypeParsers();
  for (const type of new Set(options.routes.filter(({ method }) => method === 'POST').map(({ accepts }) => accepts)))
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => refuse(reply, problemOf(error, options, request)));
  app.setNotFoundHandler((_, reply) =>
    refuse(reply, new Problem(404, 'There is no such path, or not with this method.')),
  );
  await app.register(rateLimit, { global: false, timeWindow: MINUTE, ipv6Subnet: 64 });
  app.addHook('onRequest', admission(app, options));
  for (const { method, path, accepts, maxBody, run } of options.routes) {
    app.route({
      method,
      url: path,
      ...(method === 'POST' ? { bodyLimit: maxBody } : {}),
      handler: async (request, reply) => {
        const { body } = request;
        const type = (request.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
        if (method === 'POST' && (!Buffer.isBuffer(body) || type !== accepts)) throw new Problem(415, details[415]);
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
  const url = await app.listen({ host: options.host, port: options.port });
  return { url, close: () => app.close() };
}

function instanceOf({ tls }: InboundOptions): FastifyInstance {
  const sockets = { connectionsCheckingInterval: 1_000, headersTimeout: REQUEST_MS / 2, maxHeaderSize: MAX_HEADERS };
  const common = {
    logger: false,
    requestTimeout: REQUEST_MS,
    connectionTimeout: 3 * REQUEST_MS,
    keepAliveTimeout: REQUEST_MS / 2,
    forceCloseConnections: 'idle' as const,
    exposeHeadRoutes: false,
    frameworkErrors: (_: Error, __: FastifyRequest, reply: FastifyReply) =>
      void refuse(reply, new Problem(400, 'The path cannot be read.')),
  };
  if (tls === undefined) return fastify({ ...common, http: sockets });
  return fastify({ ...common, https: { ...tls, ...sockets, minVersion: 'TLSv1.2' } }) as unknown as FastifyInstance;
}

function admission(app: FastifyInstance, options: InboundOptions) {
  const hosted = createHostCheck(options);
  const ofAddress = app.createRateLimit({
    max: options.perMinute,
    timeWindow: MINUTE,
    keyGenerator: (request) => request.ip,
    ipv6Subnet: 64,
  });
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.headers(headers);
    if (options.tls !== undefined) reply.header('strict-transport-security', 'max-age=31536000');
    if (!hosted(request.headers.host)) throw new Problem(421, 'The Host header names another server.');
    const limit = await ofAddress(request);
    if (limit.isAllowed || !limit.isExceeded) return;
    reply.header('retry-after', limit.ttlInSeconds);
    throw new Problem(429, 'Too many calls in a minute.');
  };
}

function refuse(reply: FastifyReply, problem: Problem) {
  return reply.headers(headers).code(problem.status).type(PROBLEM_TYPE).send(problemBody(problem));
}

const details: Readonly<Record<number, string>> = {
  400: 'The call cannot be read.',
  408: 'The call did not come whole in time.',
  413: 'The body is too large.',
  415: 'The body is of another media type than is taken here.',
};

/** The framework's own errors may quote the call: only their status is passed on. */
function problemOf(error: unknown, { onFault }: InboundOptions, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new Problem(status in details ? status : 400, details[status] ?? details[400]);
  onFault(request.routeOptions.url ?? '', error);
  return new Problem(500, 'A fault of keywatch; its log says which.');
}
