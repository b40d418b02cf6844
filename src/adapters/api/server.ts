import rateLimit from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createListener, type Listener, type ListenerKind, type Listening, MINUTE } from './listener';
import { Problem } from './problem';
import type { Route } from './route';
import { type Serving, serve } from './serve';
import type { Caller } from './tokens';

export interface ApiOptions extends Serving, Listening {
  readonly perMinute: number;
  readonly failuresPerMinute: number;
  readonly authenticate: (authorization: string | undefined) => Caller | undefined;
  readonly routes: readonly Route[];
  /** The document that is served at `/v1/openapi.json`. */
  readonly openapi: unknown;
  /** Told of calls without a valid token, as far as they are answered 401. */
  readonly onStranger?: (address: string) => void;
}

export interface ApiServer {
  readonly url: string;
  /** Stops listening, finishes the calls in progress. */
  close(): Promise<void>;
}

const MAX_BODY = 16_384;
/** A key id of 1,024 characters, each as percent-encoded UTF-8 of up to three units. */
const MAX_PARAMETER = 9_216;

const kind: ListenerKind = {
  contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
  wrongType: 'The body must be application/json.',
  maxConnections: 256,
  options: { bodyLimit: MAX_BODY, routerOptions: { maxParamLength: MAX_PARAMETER } },
};

/** Of a request, once its token is known. */
const callers = new WeakMap<FastifyRequest, Caller>();

/**
 * The HTTP API. Before anything of a call is looked at its host, token and rate are; a stranger learns not even which paths
 * there are. Rejects when the address cannot be listened on.
 */
export async function createApi(options: ApiOptions): Promise<ApiServer> {
  const listener = createListener(options, kind);
  const { app } = listener;
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: MAX_BODY },
    app.getDefaultJsonParser('error', 'error'),
  );
  await app.register(rateLimit, { global: false, timeWindow: MINUTE, ipv6Subnet: 64 });
  app.addHook('onRequest', admission(listener, options));
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
  const url = await listener.listen();
  return { url, close: () => app.close() };
}

/** Host, token, rate: in this order, before the body is read. */
function admission({ app, admit }: Listener, options: ApiOptions) {
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
    admit(request, reply);
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
