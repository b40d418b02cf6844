import rateLimit from '@fastify/rate-limit';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { createHostCheck } from './hosts';
import { PROBLEM_TYPE, Problem, problemBody } from './problem';
import type { Route } from './route';
import { type Serving, serve } from './serve';
import type { Caller } from './tokens';

export interface ApiOptions extends Serving {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly hostNames: readonly string[];
  /** PEM. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly perMinute: number;
  readonly failuresPerMinute: number;
  readonly authenticate: (authorization: string | undefined) => Caller | undefined;
  readonly routes: readonly Route[];
  /** The document that is served at `/v1/openapi.json`. */
  readonly openapi: unknown;
  /** Told of what went wrong on this side. */
  readonly onFault: (operation: string, error: unknown) => void;
  /** Told of calls without a valid token, as far as they are answered 401. */
  readonly onStranger?: (address: string) => void;
}

export interface ApiServer {
  readonly url: string;
  /** Stops listening, finishes the calls in progress. */
  close(): Promise<void>;
}

const MAX_BODY = 16_384;
const MAX_HEADERS = 16_384;
const MAX_CONNECTIONS = 256;
/** A key id of 1,024 characters, each as percent-encoded UTF-8 of up to three units. */
const MAX_PARAMETER = 9_216;
/** A whole request must have come within this time. */
const REQUEST_MS = 10_000;
const MINUTE = 60_000;

const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** Of a request, once its token is known. */
const callers = new WeakMap<FastifyRequest, Caller>();

/**
 * The HTTP API. Before anything of a call is looked at its host, token and rate are; a stranger learns not even which paths
 * there are. Rejects when the address cannot be listened on.
 */
export async function createApi(options: ApiOptions): Promise<ApiServer> {
  const app = instanceOf(options);
  app.server.maxConnections = MAX_CONNECTIONS;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: MAX_BODY },
    app.getDefaultJsonParser('error', 'error'),
  );
  app.setErrorHandler((error, request, reply) => refuse(reply, problemOf(error, options, request)));
  app.setNotFoundHandler((_, reply) =>
    refuse(reply, new Problem(404, 'There is no such path, or not with this method.')),
  );
  await app.register(rateLimit, { global: false, timeWindow: MINUTE, ipv6Subnet: 64 });
  app.addHook('onRequest', admission(app, options));
  for (const route of options.routes) {
    app.route({
      method: route.method,
      url: route.path.replace(/\{(\w+)\}/g, ':$1'),
      handler: async (request, reply) => {
        const caller = callers.get(request);
        if (caller === undefined) throw new Problem(401, 'A valid token is missing.');
        const { status, body } = await serve(route, { caller, request }, options);
        return reply.code(status).send(body);
      },
    });
  }
  app.get('/v1/openapi.json', async () => options.openapi);
  const url = await app.listen({ host: options.host, port: options.port });
  return { url, close: () => app.close() };
}

function instanceOf({ tls }: ApiOptions): FastifyInstance {
  const sockets = { connectionsCheckingInterval: 1_000, headersTimeout: REQUEST_MS / 2, maxHeaderSize: MAX_HEADERS };
  const common = {
    logger: false,
    bodyLimit: MAX_BODY,
    requestTimeout: REQUEST_MS,
    connectionTimeout: 3 * REQUEST_MS,
    keepAliveTimeout: REQUEST_MS / 2,
    forceCloseConnections: 'idle' as const,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: MAX_PARAMETER },
    // A path that cannot be decoded is one that is not there.
    frameworkErrors: (_: Error, __: FastifyRequest, reply: FastifyReply) =>
      void refuse(reply, new Problem(400, 'The path cannot be read.')),
  };
  if (tls === undefined) return fastify({ ...common, http: sockets });
  return fastify({ ...common, https: { ...tls, ...sockets, minVersion: 'TLSv1.2' } }) as unknown as FastifyInstance;
}

/** Host, token, rate: in this order, before the body is read. */
function admission(app: FastifyInstance, options: ApiOptions) {
  const hosted = createHostCheck(options);
  const ofToken = app.createRateLimit({
    max: options.perMinute,
    timeWindow: MINUTE,
    keyGenerator: (request) => `token ${callers.get(request)?.name}`,
  });
  const ofStranger = app.createRateLimit({
    max: options.failuresPerMinute,
    timeWindow: MINUTE,
    keyGenerator: (request) => request.ip,
    ipv6Subnet: 64,
  });
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.headers(headers);
    if (options.tls !== undefined) reply.header('strict-transport-security', 'max-age=31536000');
    if (!hosted(request.headers.host)) throw new Problem(421, 'The Host header names another server.');
    const caller = options.authenticate(request.headers.authorization);
    if (caller !== undefined) callers.set(request, caller);
    const limit = await (caller === undefined ? ofStranger : ofToken)(request);
    if (!limit.isAllowed && limit.isExceeded) {
      reply.header('retry-after', limit.ttlInSeconds);
      throw new Problem(429, 'Too many calls in a minute.');
    }
    if (caller !== undefined) return;
    options.onStranger?.(request.ip);
    reply.header('www-authenticate', 'Bearer');
    throw new Problem(401, 'A valid token is missing.');
  };
}

function refuse(reply: FastifyReply, problem: Problem) {
  return reply.headers(headers).code(problem.status).type(PROBLEM_TYPE).send(problemBody(problem));
}

const details: Readonly<Record<number, string>> = {
  400: 'The call cannot be read.',
  408: 'The call did not come whole in time.',
  413: 'The body is too large.',
  415: 'The body must be application/json.',
};

/** The framework's own errors may quote the call: only their status is passed on. */
function problemOf(error: unknown, { onFault }: ApiOptions, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new Problem(status in details ? status : 400, details[status] ?? details[400]);
  onFault(request.routeOptions.url ?? '', error);
  return new Problem(500, 'A fault of keywatch; its log says which.');
}
