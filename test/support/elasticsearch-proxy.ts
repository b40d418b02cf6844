import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Unpacked. */
  readonly body: string;
}

/**
 * What happens to a request instead of an undisturbed passage: an answer of the proxy's own; a broken connection, before
 * the server saw it or after it was carried out; no answer at all.
 */
export type Fault =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  | 'reset'
  | 'lost-answer'
  | 'silence'
  | undefined;

export interface FaultyProxy {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** Decides for each request; undisturbed until set. */
  fault: (seen: Seen) => Fault;
  /** What is passed on instead of a request's body; as it came until set. */
  rewrite: ((body: string) => string) | undefined;
  close(): Promise<void>;
}

/** A proxy in front of a real server that disturbs it, with TLS where a certificate is given. */
export async function faultyProxy(
  upstream: string,
  tls?: { readonly key: string; readonly cert: string },
): Promise<FaultyProxy> {
  const seen: Seen[] = [];
  // A connection for each request: a kept one that the server closes meanwhile would be a fault that nobody asked for.
  const agent = new Agent({ keepAlive: false });
  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const body = (incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
    const record = { method: incoming.method!, path: incoming.url!, headers: incoming.headers, body };
    seen.push(record);
    const fault = proxy.fault(record);
    if (fault === 'silence') return;
    if (fault === 'reset') return void incoming.socket.destroy();
    if (typeof fault === 'object') {
      const headers = { 'content-type': 'application/json', ...fault.headers };
      response.writeHead(fault.status, headers).end(fault.body ?? '{}');
      return;
    }
    const { host, authorization, connection, ...headers } = incoming.headers;
    const rewritten = raw.length === 0 ? undefined : proxy.rewrite?.(body);
    if (rewritten !== undefined) {
      delete headers['content-encoding'];
      headers['content-length'] = String(Buffer.byteLength(rewritten));
    }
    const passed = request(`${upstream}${incoming.url}`, { method: incoming.method, headers, agent }, (answer) => {
      if (fault === 'lost-answer') {
        answer.resume();
        answer.once('end', () => incoming.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => incoming.socket.destroy());
    passed.end(rewritten ?? raw);
  };
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
  // A test that fails before it closes this must not keep the runner.
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy: FaultyProxy = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    seen,
    fault: () => undefined,
    rewrite: undefined,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return proxy;
}
