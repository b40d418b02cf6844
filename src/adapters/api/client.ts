import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { Agent, buildConnector, request } from 'undici';

export interface ClientOptions {
  /** Of the process, as its configuration has it. */
  readonly host: string;
  readonly port: number;
  /** PEM of the server's certificate, where it speaks TLS: no other is taken for it, whatever its name. */
  readonly cert?: string | undefined;
  readonly token: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The other side cannot be reached, or is not keywatch. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 4_194_304;

/** A process that listens everywhere is asked on the loopback. */
const reachable = (host: string): string => {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
};

/** `https://127.0.0.1:9465` */
export const urlOf = ({ host, port, cert }: Pick<ClientOptions, 'host' | 'port' | 'cert'>): string =>
  `${cert === undefined ? 'http' : 'https'}://${reachable(host)}:${port}`;

/** One call. Rejects with `NoAnswer`; a refusal is an answer. */
export async function callApi(
  options: ClientOptions,
  call: {
    readonly method: 'GET' | 'POST' | 'DELETE';
    readonly path: string;
    readonly body?: unknown;
    readonly key?: string;
  },
): Promise<ApiAnswer> {
  const { cert, token } = options;
  // Of its own, so that no idle connection is left behind.
  const dispatcher = new Agent({ connections: 1, ...(cert === undefined ? {} : { connect: pinned(cert) }) });
  try {
    const { statusCode, body } = await request(`${urlOf(options)}${call.path}`, {
      dispatcher,
      method: call.method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        authorization: `Bearer ${token}`,
        'user-agent': 'keywatch',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(call.key === undefined ? {} : { 'idempotency-key': call.key }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new NoAnswer('what answers there is not keywatch');
      chunks.push(chunk);
    }
    return { status: statusCode, body: parsed(Buffer.concat(chunks).toString('utf8')) };
  } catch (error) {
    if (error instanceof NoAnswer) throw error;
    const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
    throw new NoAnswer(`no answer from ${urlOf(options)} (${String(code ?? name ?? 'unknown fault')})`);
  } finally {
    await dispatcher.destroy();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NoAnswer('what answers there is not keywatch');
  }
}

/**
 * Who reads the same configuration knows the certificate itself: names, dates and authorities add nothing. Nothing is sent
 * before it was compared.
 */
function pinned(cert: string): buildConnector.connector {
  const wanted = new X509Certificate(cert).fingerprint256;
  const connect = buildConnector({ rejectUnauthorized: false, timeout: TIMEOUT_MS });
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error !== null) return callback(error, null);
      if ((socket as TLSSocket).getPeerCertificate?.().fingerprint256 === wanted) return callback(null, socket);
      socket.destroy();
      callback(
        Object.assign(new Error('another certificate'), { code: 'another certificate than api.tls.certFrom' }),
        null,
      );
    });
}
