import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { AlertDocument } from '../../src/domain/alert';

export const WEBHOOK_SECRET = `whsec_${Buffer.from('a webhook secret for tests only').toString('base64')}`;
export const environment = { KEYWATCH_WEBHOOK_SECRET: WEBHOOK_SECRET, KEYWATCH_PEPPER: 'a pepper for tests only, 1' };

type Settings = Readonly<Record<string, unknown>>;

/** Asks for a suspension at the faintest suspicion. */
export const easyPolicy = {
  rules: [
    { name: 'any', when: { risk: 1, signs: 2, surprise: 0.1 }, action: 'suspend', for: '1h' },
    { name: 'odd', when: { risk: 1 }, action: 'alert' },
  ],
};

/** A deployment without servers: everything it writes lies in `dir`. Answers its configuration file and its paths. */
export function embedded(dir: string, settings: Settings = {}) {
  const paths = {
    config: join(dir, 'keywatch.yaml'),
    input: join(dir, 'access.ndjson'),
    alerts: join(dir, 'alerts.ndjson'),
    deadLetters: join(dir, 'dead.ndjson'),
    state: join(dir, 'state'),
  };
  const config = {
    source: { kind: 'file', path: paths.input },
    ingest: { format: 'keywatch' },
    alerts: [{ kind: 'file', path: paths.alerts }],
    deadLetters: [{ kind: 'file', path: paths.deadLetters }],
    state: { dir: paths.state, checkpointEvery: '1s' },
    http: { port: 0 },
    ...settings,
  };
  writeFileSync(paths.config, JSON.stringify(config));
  return paths;
}

/** `enforce` settings for old traffic and a receiver on loopback. */
export const enforcing = (url: string): Settings => ({
  mode: 'enforce',
  maxAge: '40000d',
  breaker: { count: 1_000, share: 1 },
  webhook: { url, secretFrom: 'env:KEYWATCH_WEBHOOK_SECRET', allowHttp: true, allowPrivate: ['127.0.0.1'] },
});

/** A receiver that takes everything and keeps it as it came. */
export async function recordingReceiver(port = 0) {
  const bodies: string[] = [];
  const ids: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(`${JSON.stringify(request.headers)}\n${body}`);
    ids.push(String(request.headers['webhook-id']));
    response.writeHead(204).end();
  });
  // A test that fails before it closes this must not keep the runner.
  server.listen(port, '127.0.0.1').unref();
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    bodies,
    ids,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A port on loopback where nothing listens (now). */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The documents of an NDJSON file; none when there is none. A torn last line is left out. */
export function documentsIn<T = AlertDocument>(path: string): T[] {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** Files below a folder. */
export function filesBelow(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(dir, entry.name)) : [join(dir, entry.name)],
  );
}

/** The committed place of a file source: the number of lines that are done with; -1 before there is one. */
export function positionIn(state: string): number {
  try {
    return JSON.parse(readFileSync(join(state, 'source', 'position.json'), 'utf8')).next;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return -1;
  }
}
