import * as crypto from 'node:crypto';
import { connect } from 'node:net';
import { createHostCheck } from '../../../src/adapters/api/hosts';
import { createTokens, tokenProblem } from '../../../src/adapters/api/tokens';
import { type ApiStand, apiStand, incidentDocument, secrets, type Who } from '../../support/api';

jest.mock('node:crypto', () => {
  const real = jest.requireActual<typeof import('node:crypto')>('node:crypto');
  return { ...real, timingSafeEqual: jest.fn(real.timingSafeEqual) };
});

let api: ApiStand;
beforeEach(async () => {
  api = await apiStand();
  api.note(incidentDocument(1));
});
afterEach(() => api.close());

/** Sends raw bytes and answers what came back before the other side hung up or the text was complete. */
function raw(text: string, keep = false): Promise<string> {
  const { port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    let seen = '';
    socket.on('data', (chunk) => {
      seen += chunk.toString();
      if (!keep) socket.end();
    });
    socket.on('close', () => resolve(seen));
    socket.on('error', reject);
  });
}

describe('tokens', () => {
  test.each([
    ['none', undefined],
    ['empty', ''],
    ['truncated', secrets.responder.slice(0, -1)],
    ['too long by one', `${secrets.responder}x`],
    ['in other case', secrets.responder.toUpperCase()],
    ['two at once', `${secrets.viewer} ${secrets.responder}`],
    ['of great length', 'x'.repeat(8_000)],
  ])('%s: 401 on every path, before anything else is looked at', async (_, token) => {
    for (const path of ['/v1/keys', '/v1/keys/k1/suspend', '/v1/openapi.json', '/nothing', '/v1/keys?nonsense=1']) {
      const { status, headers, body } = await api.call(path.endsWith('suspend') ? 'POST' : 'GET', path, {
        token,
        ...(path.endsWith('suspend') ? { text: '{"__proto__":1' } : {}),
      });
      expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer']);
      expect(body.detail).toBe('A valid token is missing.');
    }
    expect([api.audited, api.suspended]).toEqual([[], []]);
  });

  test.each(['Basic dXNlcjpwYXNz', `Token ${secrets.viewer}`, secrets.viewer, `Bearer  ${secrets.viewer}`])(
    'the scheme of %j is another',
    async (authorization) => {
      expect((await api.call('GET', '/v1/keys', { headers: { authorization } })).status).toBe(401);
    },
  );

  test('are compared in constant time over digests of one length, with all, whatever is sent', () => {
    const compare = crypto.timingSafeEqual as jest.Mock;
    const all = (Object.keys(secrets) as Who[]).map((role) => ({ name: role, role, secret: secrets[role] }));
    const authenticate = createTokens(all);
    for (const sent of ['x', secrets.viewer, secrets.responder, 'x'.repeat(4_000)]) {
      compare.mockClear();
      authenticate(`Bearer ${sent}`);
      expect(compare.mock.calls.map((pair: Buffer[]) => pair.map(({ length }) => length))).toEqual([
        [32, 32],
        [32, 32],
        [32, 32],
      ]);
    }
    expect(authenticate(`bearer ${secrets.analyst}`)).toEqual({ name: 'analyst', role: 'analyst' });
  });

  test('must be long and fit for a header; what is said of a bad one does not show it', () => {
    expect(tokenProblem('a'.repeat(32))).toBeUndefined();
    for (const bad of ['short', `${'a'.repeat(40)} b`, `${'a'.repeat(40)}\r\nx: y`, 'ü'.repeat(40), 'a'.repeat(5_000)])
      expect(tokenProblem(bad)).toMatch(/^expected a token of/);
  });
});

describe('roles', () => {
  const calls: readonly [who: Who, method: string, path: string, body: unknown, allowed: boolean][] = [
    ['viewer', 'POST', '/v1/keys/k1/suspend', { reason: 'x' }, false],
    ['viewer', 'POST', '/v1/keys/k1/expect', {}, false],
    ['viewer', 'POST', '/v1/incidents/i1/feedback', { verdict: 'theft' }, false],
    ['viewer', 'DELETE', '/v1/incidents/i1/feedback/x', undefined, false],
    ['analyst', 'POST', '/v1/keys/k1/suspend', { reason: 'x' }, false],
    ['analyst', 'POST', '/v1/keys/k1/release', { reason: 'x' }, false],
    ['analyst', 'POST', '/v1/breaker/reset', {}, false],
    ['analyst', 'POST', '/v1/incidents/i1/feedback', { verdict: 'theft', suspend: true }, false],
    ['analyst', 'POST', '/v1/keys/k1/expect', {}, true],
    ['responder', 'POST', '/v1/breaker/reset', {}, true],
  ];
  test.each(calls)('%s %s %s %j: %s', async (who, method, path, body, allowed) => {
    const { status } = await api.call(method, path, { token: secrets[who], body, idempotency: 'x' });
    expect(status === 403).toBe(!allowed);
    if (!allowed) expect([api.suspended, api.released, api.resets, api.commands]).toEqual([[], [], [], []]);
    // Who tried is on record all the same.
    expect(api.audited[0]).toMatchObject({ by: `api:a-${who}` });
  });

  test('no header, query or member of the body raises a role', async () => {
    const headers = { 'x-role': 'responder', 'x-http-method-override': 'GET', 'x-forwarded-user': 'a-responder' };
    for (const [path, body] of [
      ['/v1/keys/k1/suspend', { reason: 'x' }],
      ['/v1/keys/k1/suspend?role=responder', { reason: 'x', role: 'responder' }],
    ] as const) {
      const { status } = await api.call('POST', path, { token: secrets.viewer, body, headers, idempotency: 'x' });
      expect(status).toBe(403);
    }
  });

  test('an answer that was kept for another is not given out by its key', async () => {
    await api.post('/v1/keys/k1/suspend', 'responder', { reason: 'x' }, 'shared');
    expect((await api.post('/v1/keys/k1/suspend', 'analyst', { reason: 'x' }, 'shared')).status).toBe(403);
  });
});

describe('bodies', () => {
  const send = (text: string, headers = {}) =>
    api.call('POST', '/v1/keys/k1/suspend', { token: secrets.responder, text, idempotency: 'x', headers });

  test.each([
    ['no JSON', '{', 400],
    ['nothing', '', 400],
    ['a list', '[]', 400],
    ['null', 'null', 400],
    ['a prototype', '{"reason":"x","__proto__":{"force":true}}', 400],
    ['a constructor', '{"reason":"x","constructor":{"prototype":{"force":true}}}', 400],
    ['more than is known', '{"reason":"x","admin":true}', 400],
    ['another type', '{"reason":["x"]}', 400],
    ['depth', `{"reason":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 400],
    ['16 KiB and more', `{"reason":"${'x'.repeat(17_000)}"}`, 413],
  ])('%s is refused', async (_, text, status) => {
    const answer = await send(text, text === '' ? { 'content-length': '0' } : {});
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(api.suspended).toEqual([]);
    expect(({} as { force?: boolean }).force).toBeUndefined();
  });

  test('of another type than JSON are not read: a form of a foreign page can send none', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect((await send('{"reason":"x"}', { 'content-type': type })).status).toBe(415);
  });

  test('an answer never shows what was sent', async () => {
    const secret = 'S3CRET-IN-THE-WRONG-PLACE';
    const answers = [
      await send(`{"reason":"x","${secret}":1}`),
      await send(`{"reason":{"a":"${secret}"}}`),
      await send(`{"${secret}`),
      await send(`{"reason":"x","for":"${secret}"}`),
      await api.call('GET', `/v1/incidents?state=${secret}&${secret}=1`, 'viewer'),
      await api.call('GET', `/v1/incidents?cursor=${secret}`, 'viewer'),
      await api.call('GET', `/${secret}`, 'viewer'),
    ];
    for (const { raw: text, status } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(text).not.toContain(secret);
    }
  });

  test('a fault inside says nothing of itself', async () => {
    api.desk.control.standing = () => {
      throw new Error('password=hunter2 at /srv/keywatch');
    };
    const { status, raw: text } = await api.get('/v1/keys/k1');
    expect([status, text.includes('hunter2')]).toEqual([500, false]);
    expect(String(api.faults[0])).toContain('hunter2');
  });
});

describe('rates', () => {
  test('strangers get 429 once they have tried often, and a valid token from there still works', async () => {
    await api.close();
    api = await apiStand({ failuresPerMinute: 3 });
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await api.call('GET', '/v1/keys', { token: `x${i}` })).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    const limited = await api.call('GET', '/v1/keys');
    expect([limited.status, Number(limited.headers['retry-after'])]).toEqual([429, expect.any(Number)]);
    expect((await api.get('/v1/keys')).status).toBe(200);
  });

  test('each token has its own', async () => {
    await api.close();
    api = await apiStand({ perMinute: 2 });
    const of = async (who: Who) => (await api.get('/v1/keys', who)).status;
    expect([await of('viewer'), await of('viewer'), await of('viewer'), await of('analyst')]).toEqual([
      200, 200, 429, 200,
    ]);
  });
});

describe('the wire', () => {
  const authorization = `Authorization: Bearer ${secrets.viewer}`;

  test.each(['evil.example', 'evil.example:9465', '127.0.0.1.evil.example', 'localhost@evil.example', ''])(
    'a page that was led here under the name %j is refused (DNS rebinding)',
    async (host) => {
      const answer = await raw(
        `GET /v1/keys HTTP/1.1\r\nHost: ${host}\r\n${authorization}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 (421|400) /);
      expect(answer).not.toContain('"keys"');
    },
  );

  test('by its own names it answers', async () => {
    for (const host of ['127.0.0.1', 'localhost:80', '[::1]'])
      expect(await raw(`GET /v1/keys HTTP/1.1\r\nHost: ${host}\r\n${authorization}\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 200 /,
      );
  });

  test.each([
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6'],
    ['length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
    ['a line break in a header', 'X-A: b\nHost: evil'],
    ['headers without end', `X-A: ${'a'.repeat(20_000)}`],
  ])('%s: not answered as if nothing were', async (_, header) => {
    const text = await raw(`POST /v1/breaker/reset HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\nxxxxx`);
    expect(text).toMatch(/^(HTTP\/1\.1 (400|401|421|431) |$)/);
    expect(api.resets).toEqual([]);
  });

  test('a path that leaves the tree leads nowhere', async () => {
    for (const path of [
      '/v1/keys/../breaker/reset',
      '/v1/../../etc/passwd',
      '//evil/v1/keys',
      '/v1/keys/k1/%2e%2e/release',
    ])
      expect(
        await raw(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${authorization}\r\nContent-Length: 0\r\n\r\n`),
      ).toMatch(/^HTTP\/1\.1 4/);
    expect([api.resets, api.released]).toEqual([[], []]);
  });

  test('a body that never comes is not waited for', async () => {
    const text = await raw(
      `POST /v1/keys/k1/suspend HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${secrets.responder}\r\nIdempotency-Key: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"reason":`,
      true,
    );
    expect(text).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect(api.suspended).toEqual([]);
  }, 30_000);

  test('answers cannot be framed, cached, sniffed or taken for a page', async () => {
    for (const answer of [await api.get('/v1/keys'), await api.get('/nothing'), await api.call('GET', '/v1/keys')])
      expect(answer.headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'content-type': expect.stringContaining('json'),
      });
  });

  test('nothing but the routes is there, with nothing but their methods', async () => {
    for (const [method, path] of [
      ['PUT', '/v1/keys/k1'],
      ['HEAD', '/v1/keys'],
      ['OPTIONS', '/v1/keys'],
      ['GET', '/v1/keys/k1/suspend'],
      ['GET', '/metrics'],
      ['GET', '/'],
    ])
      expect((await api.call(method, path, 'responder')).status).toBe(404);
  });
});

test('off the loopback any name is taken unless some are configured', () => {
  const open = createHostCheck({ host: '0.0.0.0', hostNames: [] });
  expect([open('anything'), open(undefined)]).toEqual([true, false]);
  const named = createHostCheck({ host: '0.0.0.0', hostNames: ['keywatch.internal'] });
  expect([named('KEYWATCH.internal:9465'), named('evil.example'), named('localhost')]).toEqual([true, false, false]);
});
