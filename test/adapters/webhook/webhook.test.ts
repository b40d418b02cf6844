import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server as TcpServer } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { retryAfterMs } from '../../../src/adapters/retry-later';
import { parseSecrets } from '../../../src/adapters/webhook/sign';
import { createWebhook, type WebhookOptions } from '../../../src/adapters/webhook/webhook';
import { commandOf } from '../../../src/enforce/command';
import type { EnforcementCommand } from '../../../src/ports';
import { enforcerContract } from '../../contracts/enforcer';
import { actionRequest, HOUR, MINUTE, TEN } from '../../support/action-request';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function serve(listener: RequestListener): Promise<{ url: string; port: number }> {
  const server = createServer(listener);
  const port = await listen(server);
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${port}/`, port };
}

function webhook(over: Partial<WebhookOptions> & { url: string }) {
  const enforcer = createWebhook({
    secrets: parseSecrets(SECRET),
    allowPrivate: ['127.0.0.0/8'],
    allowHttp: true,
    timeoutMs: 5_000,
    clock: { now: Date.now },
    ...over,
  });
  closing.push(() => void enforcer.close());
  return enforcer;
}

const command: EnforcementCommand = commandOf(
  { request: actionRequest(), stage: 'accepted', acceptedAt: TEN, notAfter: TEN + 15 * MINUTE, until: TEN + HOUR },
  'act',
);
const send = (over: Partial<WebhookOptions> & { url: string }) =>
  webhook(over).deliver(command, new AbortController().signal);

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

enforcerContract('the webhook', async () => {
  let how: 'accept' | 'refuse' | 'hang' = 'accept';
  const arrived: string[] = [];
  const { url } = await serve((request, response) => {
    arrived.push(String(request.headers['webhook-id']));
    if (how !== 'hang') response.writeHead(how === 'accept' ? 204 : 500).end();
  });
  return {
    create: () => webhook({ url }),
    behave: (next) => {
      how = next;
    },
    arrived: () => arrived,
    close: async () => undefined,
  };
});

test('posts signed JSON that an independent implementation verifies', async () => {
  const seen: { method: string | undefined; type: string | undefined; payload: unknown }[] = [];
  const { url } = await serve(async (request, response) => {
    const body = await bodyOf(request);
    const payload = new Webhook(SECRET).verify(body, request.headers as Record<string, string>);
    seen.push({ method: request.method, type: request.headers['content-type'], payload });
    response.writeHead(202).end();
  });
  expect(await send({ url })).toEqual({ ok: true, detail: 'HTTP 202' });
  expect(seen).toEqual([{ method: 'POST', type: 'application/json', payload: command.body }]);
});

test('a later attempt has the same id and body and a timestamp of its own', async () => {
  const seen: unknown[] = [];
  const { url } = await serve(async (request, response) => {
    const { 'webhook-id': id, 'webhook-timestamp': at } = request.headers;
    seen.push({ id, at, body: await bodyOf(request) });
    response.writeHead(500).end();
  });
  let now = TEN;
  const enforcer = webhook({ url, clock: { now: () => now } });
  await enforcer.deliver(command, new AbortController().signal);
  now += 60_000;
  await enforcer.deliver(command, new AbortController().signal);
  const body = JSON.stringify(command.body);
  expect(seen).toEqual([
    { id: 'req-1', at: String(TEN / 1_000), body },
    { id: 'req-1', at: String(TEN / 1_000 + 60), body },
  ]);
});

test.each([200, 201, 202, 204])('HTTP %i is success', async (status) => {
  const { url } = await serve((_, response) => response.writeHead(status).end('<html>whatever'));
  expect(await send({ url })).toEqual({ ok: true, detail: `HTTP ${status}` });
});

test.each([400, 401, 404, 409, 429, 500, 503, 504])('HTTP %i may be tried again', async (status) => {
  const { url } = await serve((_, response) => response.writeHead(status).end('secret detail'));
  const detail = `HTTP ${status}`;
  expect(await send({ url })).toEqual({ ok: false, detail, permanent: false, retryAfterMs: undefined });
});

test('HTTP 410 is final', async () => {
  const { url } = await serve((_, response) => response.writeHead(410).end());
  expect(await send({ url })).toMatchObject({ ok: false, permanent: true });
});

test.each([301, 302, 303, 307, 308])('HTTP %i is a failure; the target is never asked', async (status) => {
  const paths: (string | undefined)[] = [];
  const { url } = await serve((request, response) => {
    paths.push(request.url);
    response.writeHead(status, { location: '/elsewhere' }).end();
  });
  expect(await send({ url })).toMatchObject({ ok: false, detail: `HTTP ${status}, redirects are not followed` });
  expect(paths).toEqual(['/']);
});

test('Retry-After of a 429 is handed on', async () => {
  const { url } = await serve((_, response) => response.writeHead(429, { 'retry-after': '42' }).end());
  expect(await send({ url })).toMatchObject({ ok: false, retryAfterMs: 42_000 });
});

test('Retry-After: seconds, HTTP date, at most five minutes, or nothing', () => {
  expect(retryAfterMs('7', TEN)).toBe(7_000);
  expect(retryAfterMs(' 0 ', TEN)).toBe(0);
  expect(retryAfterMs('99999999999999999999', TEN)).toBe(300_000);
  expect(retryAfterMs('Tue, 24 Nov 2026 10:01:30 GMT', TEN)).toBe(90_000);
  expect(retryAfterMs('Tue, 24 Nov 2026 09:00:00 GMT', TEN)).toBe(0);
  expect(retryAfterMs('Wed, 25 Nov 2026 10:00:00 GMT', TEN)).toBe(300_000);
  for (const text of [undefined, '', 'soon', '-5x']) expect(retryAfterMs(text, TEN)).toBeUndefined();
});

test('a receiver that hangs is a timeout', async () => {
  const { url } = await serve(() => undefined);
  expect(await send({ url, timeoutMs: 60 })).toMatchObject({ ok: false, detail: 'timeout', permanent: false });
});

test('an endless body neither delays for long nor undoes the acknowledgement', async () => {
  let written = 0;
  const { url } = await serve((_, response) => {
    response.writeHead(200);
    const chunk = Buffer.alloc(64 * 1_024, 'x');
    const more = () => {
      written += chunk.length;
      if (written < 1e9 && !response.destroyed) response.write(chunk, more);
    };
    more();
  });
  expect(await send({ url })).toEqual({ ok: true, detail: 'HTTP 200' });
  expect(written).toBeLessThan(1e9);
});

test('a 200 whose body never ends by silence is acknowledged all the same', async () => {
  const { url } = await serve((_, response) => void response.writeHead(200).write('x'));
  expect(await send({ url })).toEqual({ ok: true, detail: 'HTTP 200' });
});

test.each(['HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n', '\0\0\0 garbage\r\n\r\n', ''])(
  'bytes that are no HTTP answer, or none at all, are a failure: %#',
  async (bytes) => {
    const server = createTcp((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(bytes));
    });
    const port = await listen(server);
    closing.push(() => server.close());
    expect(await send({ url: `http://127.0.0.1:${port}/` })).toMatchObject({ ok: false, permanent: false });
  },
);

test('a receiver that is not there may come back; the detail names no address', async () => {
  const { url, port } = await serve(() => undefined);
  for (const close of closing.splice(0)) close();
  const result = await send({ url: `${url}path?token=s3cret` });
  expect(result).toMatchObject({ ok: false, permanent: false, detail: 'no answer (ECONNREFUSED)' });
  expect(JSON.stringify(result)).not.toMatch(new RegExp(`s3cret|${port}|127`));
});

test('a name that leads to a private address is refused, and nobody is asked', async () => {
  let asked = 0;
  const { port } = await serve((_, response) => {
    asked += 1;
    response.end();
  });
  const result = await send({
    url: `http://hooks.example:${port}/?token=s3cret`,
    allowPrivate: [],
    resolve: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
  });
  expect(result).toMatchObject({ ok: false, permanent: true });
  expect(JSON.stringify(result)).not.toMatch(/s3cret|example/);
  expect(asked).toBe(0);
});

test('a name server that changes its answer gains nothing: what is judged is what is connected to', async () => {
  const { port } = await serve((_, response) => response.writeHead(200, { connection: 'close' }).end());
  const answers = ['127.0.0.1', '127.9.9.9', '127.0.0.1'];
  let lookups = 0;
  const enforcer = webhook({
    url: `http://hooks.example:${port}/`,
    allowPrivate: ['127.0.0.1'],
    resolve: (_host, _options, callback) => callback(null, [{ address: answers[lookups++]!, family: 4 }]),
  });
  const deliver = () => enforcer.deliver(command, new AbortController().signal);
  expect(await deliver()).toMatchObject({ ok: true });
  expect(await deliver()).toMatchObject({ ok: false, permanent: true });
  expect(await deliver()).toMatchObject({ ok: true });
  expect(lookups).toBe(3);
});

test('an id that cannot be a header is never sent', async () => {
  let asked = 0;
  const { url } = await serve((_, response) => {
    asked += 1;
    response.end();
  });
  for (const id of ['a.b', 'a\r\nx: y', '', 'ü']) {
    const result = await webhook({ url }).deliver({ ...command, id }, new AbortController().signal);
    expect(result).toMatchObject({ ok: false, permanent: true });
  }
  expect(asked).toBe(0);
});

test('a URL that must not be used, or no secret, stops at once', () => {
  expect(() => webhook({ url: 'http://127.0.0.1/', allowPrivate: [] })).toThrow('private or reserved');
  expect(() => webhook({ url: 'http://hooks.example/', allowHttp: false })).toThrow('allowHttp');
  expect(() => webhook({ url: 'https://hooks.example/', secrets: [] })).toThrow('no secret');
});
