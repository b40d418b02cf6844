import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify,
} from 'fastify';
import { createHostCheck } from './hosts';
import { PROBLEM_TYPE, Problem, problemBody } from './problem';

/** Where a listener stands, and what it is asked about itself. */
export interface Listening {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly hostNames: readonly string[];
  /** PEM. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Told of what went wrong on this side: the route, and the error. */
  readonly onFault: (route: string, error: unknown) => void;
}

/** What two listeners differ in. */
export interface ListenerKind {
  readonly contentSecurityPolicy: string;
  /** Said where a body is of another media type than is taken. */
  readonly wrongType: string;
  readonly maxConnections: number;
  readonly options?: Pick<FastifyServerOptions, 'bodyLimit' | 'routerOptions'>;
}

export interface Listener {
  readonly app: FastifyInstance;
  /** The headers of every answer; throws a `Problem` where the Host header names another server. */
  admit(request: FastifyRequest, reply: FastifyReply): void;
  /** Answers its address. Rejects when it cannot be listened on. */
  listen(): Promise<string>;
}

const MAX_HEADERS = 16_384;
/** A whole request must have come within this time. */
const REQUEST_MS = 10_000;
export const MINUTE = 60_000;

/**
 * A bounded listener for callers who are not trusted: limits of time, size and connections, the headers of a service without
 * pages of others, every refusal a problem document that repeats nothing of the call.
 */
export function createListener(listening: Listening, kind: ListenerKind): Listener {
  const { host, port, tls, onFault } = listening;
  const headers = {
    'cache-control': 'no-store',
    'content-security-policy': kind.contentSecurityPolicy,
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  } as const;
  const details: Readonly<Record<number, string>> = {
    400: 'The call cannot be read.',
    408: 'The call did not come whole in time.',
    413: 'The body is too large.',
    415: kind.wrongType,
  };

  const refuse = (reply: FastifyReply, problem: Problem) =>
    reply.headers(headers).code(problem.status).type(PROBLEM_TYPE).send(problemBody(problem));

  /** The framework's own errors may quote the call: only their status is passed on. */
  function problemOf(error: unknown, request: FastifyRequest): Problem {
    if (error instanceof Problem) return error;
    const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
    if (typeof status === 'number' && status >= 400 && status < 500)
      return new Problem(status in details ? status : 400, details[status] ?? details[400]);
    onFault(request.routeOptions.url ?? '', error);
    return new Problem(500, 'A fault of keywatch; its log says which.');
  }

  function instance(): FastifyInstance {
    const sockets = { connectionsCheckingInterval: 1_000, headersTimeout: REQUEST_MS / 2, maxHeaderSize: MAX_HEADERS };
    const common = {
      ...kind.options,
      logger: false,
      requestTimeout: REQUEST_MS,
      connectionTimeout: 3 * REQUEST_MS,
      keepAliveTimeout: REQUEST_MS / 2,
      forceCloseConnections: 'idle' as const,
      exposeHeadRoutes: false,
      // A path that cannot be decoded is one that is not there.
      frameworkErrors: (_: Error, __: FastifyRequest, reply: FastifyReply) =>
        void refuse(reply, new Problem(400, 'The path cannot be read.')),
    };
    if (tls === undefined) return fastify({ ...common, http: sockets });
    return fastify({ ...common, https: { ...tls, ...sockets, minVersion: 'TLSv1.2' } }) as unknown as FastifyInstance;
  }

  const app = instance();
  app.server.maxConnections = kind.maxConnections;
  app.removeAllContentTypeParsers();
  app.setErrorHandler((error, request, reply) => refuse(reply, problemOf(error, request)));
  app.setNotFoundHandler((_, reply) =>
    refuse(reply, new Problem(404, 'There is no such path, or not with this method.')),
  );
  const hosted = createHostCheck(listening);
  return {
    app,
    admit(request, reply) {
      reply.headers(headers);
      if (tls !== undefined) reply.header('strict-transport-security', 'max-age=31536000');
      if (!hosted(request.headers.host)) throw new Problem(421, 'The Host header names another server.');
    },
    listen: () => app.listen({ host, port }),
  };
}
