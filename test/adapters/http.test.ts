import { createConnection } from 'node:net';
import { createHttp, type HttpServer, type Part } from '../../src/adapters/http';

let parts: Part[] = [];
let server: HttpServer;
beforeAll(async () => {
  const metrics = {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    text: async () => 'keywatch_events_total 9\n',
  };
  server = await createHttp({ host: '127.0.0.1', port: 0, parts: () => parts, metrics });
});
afterAll(() => server.close());

const part = (name: string, problem: () => string | undefined): Part => ({ name, problem });
const get = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(server.url + path, init);
  return { status: response.status, headers: response.headers, body: await response.text() };
};

test('lives as long as it answers', async () => {
  parts = [part('kafka', () => 'down')];
  expect((await get('/livez')).status).toBe(200);
});

test('is ready when no part has a problem, else says which and what', async () => {
  parts = [part('kafka', () => undefined)];
  expect(await get('/readyz')).toMatchObject({ status: 200, body: '{"ready":true,"problems":[]}' });
  parts = [
    part('kafka', () => 'no broker answers'),
    part('webhook', () => undefined),
    part('alerts', () => {
      throw new Error('secret detail');
    }),
  ];
  const { status, body } = await get('/readyz');
  expect(status).toBe(503);
  expect(JSON.parse(body).problems).toEqual([
    { part: 'kafka', problem: 'no broker answers' },
    { part: 'alerts', problem: 'does not answer' },
  ]);
});

test('serves metrics with their content type', async () => {
  const { status, headers, body } = await get('/metrics');
  expect([status, headers.get('content-type'), body]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
    'keywatch_events_total 9\n',
  ]);
});

test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('refuses %s, whatever the path and body', async (method) => {
  for (const path of ['/livez', '/nowhere']) {
    const body = method === 'OPTIONS' ? undefined : 'x'.repeat(100_000);
    const { status, headers } = await get(path, body === undefined ? { method } : { method, body });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  }
});

test('answers HEAD, knows no other path and names no software', async () => {
  expect((await get('/livez', { method: 'HEAD' })).status).toBe(200);
  const { status, headers, body } = await get('/');
  expect([status, body]).toEqual([404, '{"error":"not found"}']);
  expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull();
});

test('closes with a client still connected, and frees its port', async () => {
  const own = await createHttp({
    host: '127.0.0.1',
    port: 0,
    parts: () => [],
    metrics: { contentType: 't', text: async () => '' },
  });
  const port = Number(new URL(own.url).port);
  const socket = createConnection(port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  await own.close();
  await expect(fetch(own.url)).rejects.toThrow();
  socket.destroy();
});

test('a taken port is an error at start', async () => {
  const port = Number(new URL(server.url).port);
  const metrics = { contentType: 't', text: async () => '' };
  await expect(createHttp({ host: '127.0.0.1', port, parts: () => [], metrics })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
