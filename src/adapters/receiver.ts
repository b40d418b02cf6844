import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type KeyAction, keyActions, strengthOf } from '../domain/action';
import { MAX_BODY_BYTES } from '../enforce/command';
import type { Clock, EnforcementCommand } from '../ports';
import { parseSecrets, verify } from './webhook/sign';

/** Ids remembered as done; the oldest go first. */
const MAX_IDS = 10_000;

/** A verified command as the receiver acted on it. */
export interface ReceivedCommand {
  readonly id: string;
  readonly type: EnforcementCommand['type'];
  readonly key: string;
  /** The receiver's clock, milliseconds. */
  readonly at: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ReceiverOptions {
  /** 0: any free one. */
  readonly port?: number;
  /** In the form that `parseSecrets` reads. */
  readonly secret: string;
  readonly clock?: Pick<Clock, 'now'>;
  /** Called once for each id that was acted on. */
  readonly onCommand?: (command: ReceivedCommand) => void;
}

export interface Receiver {
  readonly url: string;
  /** Keys suspended now, in the order of their suspension. */
  suspended(): readonly string[];
  /** The strongest action that is in force on the key. */
  standing(key: string): KeyAction | undefined;
  close(): Promise<void>;
}

interface Command {
  readonly type?: unknown;
  readonly data?: {
    readonly action_id?: unknown;
    readonly releases?: unknown;
    readonly key?: { readonly id?: unknown };
    readonly action?: { readonly not_after?: unknown };
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const actionOf = (type: unknown): KeyAction | undefined =>
  keyActions.find((action) => type === `key.${action}.requested`);

const text = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header);

function parse(body: Buffer): Command | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A receiver on loopback that does what a key system should: verifies the signature, acts once per `webhook-id`
 * (repetitions are answered 200), leaves commands alone whose `not_after` has passed, and releases only what the named
 * action did; a revocation stays. What is in force lives in memory. For the demo and tests.
 */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const secrets = parseSecrets(options.secret);
  const clock = options.clock ?? { now: Date.now };
  const done = new Set<string>();
  /** Key → what is in force on it, by the id of the action. */
  const inForce = new Map<string, Map<string, KeyAction>>();

  function put(key: string, id: string, action: KeyAction): void {
    const actions = inForce.get(key) ?? new Map<string, KeyAction>();
    inForce.set(key, actions.set(id, action));
  }

  function takeBack(key: string, id: unknown): void {
    const actions = inForce.get(key);
    if (typeof id !== 'string' || actions?.get(id) === 'revoke') return;
    actions?.delete(id);
    if (actions?.size === 0) inForce.delete(key);
  }

  function standing(key: string): KeyAction | undefined {
    const actions = [...(inForce.get(key)?.values() ?? [])];
    return actions.sort((a, b) => strengthOf(b) - strengthOf(a))[0];
  }

  /** Answers the HTTP status. Remembers the id only when it acted. */
  function act(id: string, body: Buffer): number {
    if (done.has(id)) return 200;
    const { type, data } = parse(body) ?? {};
    // Signed, understood, and nothing to do.
    if (type === 'keywatch.test') return 200;
    const key = data?.key?.id;
    if (typeof key !== 'string' || data === undefined) return 422;
    const action = actionOf(type);
    if (action === undefined && type !== 'key.release.requested') return 422;
    const notAfter = data.action?.not_after;
    if (typeof notAfter === 'string' && clock.now() > Date.parse(notAfter)) return 422;
    if (action === undefined) takeBack(key, data.releases);
    else put(key, String(data.action_id), action);
    done.add(id);
    if (done.size > MAX_IDS) {
      for (const oldest of done) {
        done.delete(oldest);
        break;
      }
    }
    const kind = action === undefined ? 'key.release.requested' : (`key.${action}.requested` as const);
    options.onCommand?.({ id, type: kind, key, at: clock.now(), data: data as Readonly<Record<string, unknown>> });
    return 200;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = request.method === 'POST' ? await readBody(request) : undefined;
    if (body === undefined) {
      response.writeHead(request.method === 'POST' ? 413 : 405, { connection: 'close' }).end();
      return;
    }
    const id = text(request.headers['webhook-id']);
    const headers = {
      id,
      timestamp: text(request.headers['webhook-timestamp']),
      signature: text(request.headers['webhook-signature']),
    };
    const wrong = verify(secrets, headers, body, clock.now());
    response.writeHead(wrong === undefined ? act(id!, body) : 401).end(wrong);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    suspended: () => [...inForce.keys()].filter((key) => standing(key) === 'suspend'),
    standing,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
