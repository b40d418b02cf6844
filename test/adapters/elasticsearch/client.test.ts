import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createElasticsearch } from '../../../src/adapters/elasticsearch/client';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A client of a server that begins a sound answer and goes on as told. */
async function answering(body: (response: ServerResponse) => void, requestTimeout: number) {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
    body(response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return createElasticsearch({ nodes: [`http://127.0.0.1:${port}`], tls: undefined, requestTimeout });
}

test('a body that trickles without end is given up after requestTimeout', async () => {
  const trickle = (response: ServerResponse) => {
    const drop = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(drop));
  };
  const elasticsearch = await answering(trickle, 200);
  const fault = await elasticsearch.request({ method: 'POST', path: '/_bulk' }).catch((error) => error);
  expect([fault.message, fault.quick]).toEqual(['no answer within requestTimeout', false]);
  await elasticsearch.close();
});

test('a body without end is not read to memory', async () => {
  let written = 0;
  const flood = (response: ServerResponse) => {
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const more = () => {
      do written += chunk.length;
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  };
  const elasticsearch = await answering(flood, 30_000);
  await expect(elasticsearch.request({ method: 'GET', path: '/' })).rejects.toThrow('cannot be reached');
  expect(written).toBeLessThan(128 * 1024 * 1024);
  await elasticsearch.close();
});
