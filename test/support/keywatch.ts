import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';

const root = join(__dirname, '..', '..');

/** `keywatch` as a separate process, run from source. */
export interface Keywatch {
  readonly child: ChildProcess;
  /** What it said on stderr so far. */
  said(): string;
  printed(): string;
  /** Port of its operations endpoint, once it is up. */
  url(): Promise<string>;
  /** Sum of a metric over its labels; 0 before the endpoint is up. */
  metric(name: string): Promise<number>;
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
  /** The exit code, when it has ended by itself and all of its output is here. */
  ended(): Promise<number | null>;
}

const children: ChildProcess[] = [];
/** A test that fails must not leave its process behind. */
afterAll(() => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
});

export function keywatch(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  stdin: 'ignore' | 'pipe' = 'ignore',
): Keywatch {
  const child = spawn(
    process.execPath,
    ['-r', join(root, 'bench', 'register.js'), join(root, 'src', 'bin', 'keywatch.ts'), ...args],
    { env: { ...process.env, NODE_ENV: 'production', ...environment }, stdio: [stdin, 'pipe', 'pipe'] },
  );
  children.push(child);
  let err = '';
  let out = '';
  child.stderr!.on('data', (data) => {
    err += data;
  });
  child.stdout!.on('data', (data) => {
    out += data;
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const closed = once(child, 'close') as Promise<[number | null]>;
  const urlIn = () => /"url":"(http:[^"]+)"/.exec(err)?.[1];
  return {
    child,
    said: () => err,
    printed: () => out,
    async url() {
      while (urlIn() === undefined) {
        if (child.exitCode !== null) throw new Error(`keywatch ended with ${child.exitCode}: ${err}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return urlIn()!;
    },
    async metric(name) {
      const url = urlIn();
      if (url === undefined) return 0;
      const text = await fetch(`${url}/metrics`).then(
        (answer) => answer.text(),
        () => '',
      );
      let sum = 0;
      for (const line of text.split('\n')) if (line.match(/^\w+/)?.[0] === name) sum += Number(line.split(' ').pop());
      return sum;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      return (await closed)[0];
    },
    ended: async () => (await closed)[0],
  };
}

export interface Suspended {
  readonly url: string;
  /** Ids in the order of their first arrival. */
  readonly ids: string[];
  /** Deliveries with a bad signature. */
  bad(): number;
  close(): Promise<void>;
}

/** A receiver that checks signatures with the reference package and honours ids. */
export async function referenceReceiver(secret: string): Promise<Suspended> {
  const webhook = new Webhook(secret);
  const ids: string[] = [];
  let bad = 0;
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    try {
      webhook.verify(body, request.headers as Record<string, string>);
      const id = String(request.headers['webhook-id']);
      if (!ids.includes(id)) ids.push(id);
      response.writeHead(204).end();
    } catch {
      bad++;
      response.writeHead(401).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    ids,
    bad: () => bad,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
