import { type ApiStand, apiStand, incidentDocument, secrets, T } from '../../support/api';

const DAY = 86_400_000;
let api: ApiStand;
beforeEach(async () => {
  api = await apiStand();
});
afterEach(() => api.close());

describe('keys', () => {
  test('one key: standing, incidents, past, declaration without the hash of its secret', async () => {
    api.note(incidentDocument(1), incidentDocument(2, 'k1'));
    api.standings.set('k1', { state: 'suspended', since: T, until: T + DAY, action: 'suspend', strikes: 1 });
    const { status, body, raw } = await api.get('/v1/keys/k1');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: 'k1',
      name: 'name of k1',
      tenant: 'acme',
      standing: { state: 'suspended', until: new Date(T + DAY).toISOString(), strikes: 1 },
      open_incidents: 2,
      incidents: [{ id: 'i2' }, { id: 'i1' }],
      baseline: { active_days: 3, usual_countries: ['DE'] },
      declared: { owner: 'billing', created: '2026-01-01T00:00:00.000Z' },
      mutes: [],
    });
    expect(raw).not.toContain('h1:abc');
  });

  test('a key that nothing is known of is quiet', async () => {
    expect((await api.get('/v1/keys/nobody')).body).toMatchObject({
      standing: { state: 'quiet', strikes: 0 },
      incidents: [],
      open_incidents: 0,
    });
  });

  test.each([
    ['../../etc/passwd'],
    ['a/b?c#d'],
    ['%2e%2e%2f'],
    ['k\r\nx-evil: 1'],
    ['ключ 🔑'],
    ['__proto__'],
    ['constructor'],
    ['a'.repeat(1_024)],
    ['🔑'.repeat(256)],
  ])('the id %j is an id like any other', async (id) => {
    api.note(incidentDocument(1, id));
    const { status, body, headers } = await api.get(`/v1/keys/${encodeURIComponent(id)}`);
    expect([status, body.id, body.open_incidents]).toEqual([200, id, 1]);
    expect(headers).not.toHaveProperty('x-evil');
  });

  test.each(['%', '%zz', '%ff', '%e2%82', ''])('a path that is no id (%j) is refused', async (path) => {
    expect([400, 404]).toContain((await api.get(`/v1/keys/${path}?x`.replace('?x', ''))).status);
  });

  test('the list goes through all in pages, by filter', async () => {
    for (let n = 1; n <= 7; n++) api.note(incidentDocument(n));
    api.standings.set('z', { state: 'cooling', strikes: 0 });
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const { body } = await api.get(`/v1/keys?limit=3${next === undefined ? '' : `&cursor=${next}`}`);
      seen.push(...body.keys.map(({ id }: { id: string }) => id));
      next = body.next;
    } while (next !== undefined);
    expect(seen).toEqual(['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'z']);
    expect((await api.get('/v1/keys?state=cooling')).body.keys).toMatchObject([{ id: 'z' }]);
    expect((await api.get('/v1/keys?open=false')).body.keys).toMatchObject([{ id: 'z' }]);
    expect((await api.get('/v1/keys?tenant=other')).body.keys).toEqual([]);
  });

  test('a person suspends and releases a key; the audit log says who, before it is done', async () => {
    api.note(incidentDocument(1));
    const done = await api.post('/v1/keys/k1/suspend', 'responder', { reason: 'seen on a paste site', for: '2h' });
    expect(done).toMatchObject({
      status: 202,
      body: { key: 'k1', requests: ['r1'], standing: { state: 'suspended' } },
    });
    expect(api.suspended).toMatchObject([
      {
        key: 'k1',
        keyName: 'name of k1',
        tenant: 'acme',
        incidentId: 'i1',
        by: 'api:a-responder',
        reason: 'seen on a paste site',
        durationMs: 7_200_000,
        action: 'suspend',
        force: false,
      },
    ]);
    expect((await api.post('/v1/keys/k1/release', 'responder', { reason: 'rotated' })).body.requests).toEqual([
      'r1-release',
    ]);
    expect(api.released).toEqual([{ key: 'k1', by: 'api:a-responder', reason: 'rotated' }]);
    expect(api.audited).toMatchObject([
      { kind: 'api', by: 'api:a-responder', subject: 'k1', detail: { operation: 'suspendKey', forMs: 7_200_000 } },
      { kind: 'api', subject: 'k1', detail: { operation: 'releaseKey', reason: 'rotated' } },
    ]);
  });

  test('a rail that holds an action is named', async () => {
    api.stand.result = { ok: false, rail: 'protected-key', detail: 'say force' };
    expect(await api.post('/v1/keys/k1/suspend', 'responder', { reason: 'x' })).toMatchObject({
      status: 409,
      body: { rail: 'protected-key', detail: 'Held by the rail protected-key: say force' },
    });
  });

  test('what cannot be recorded is not done', async () => {
    api.stand.auditFails = true;
    expect((await api.post('/v1/keys/k1/suspend', 'responder', { reason: 'x' })).status).toBe(503);
    expect(api.suspended).toEqual([]);
  });

  test('an expected change reaches Detect as a command', async () => {
    const { status, body } = await api.post('/v1/keys/k1/expect', 'analyst', { facets: ['client'], for: '12h' });
    expect([status, body.until]).toEqual([202, new Date(T + DAY / 2).toISOString()]);
    expect(api.commands).toEqual([
      { type: 'expect', key: 'k1', facets: ['client'], until: T + DAY / 2, by: 'api:a-analyst' },
    ]);
    expect((await api.post('/v1/keys/k1/expect', 'analyst', { facets: ['limits'] })).status).toBe(400);
    expect((await api.post('/v1/keys/k1/expect', 'analyst', { for: '31d' })).status).toBe(400);
  });
});

test('the circuit breakers are shown and closed', async () => {
  expect((await api.get('/v1/breaker')).body.breakers).toEqual([
    { open: true, rail: 'breaker-count', since: new Date(T).toISOString() },
    { open: false, tenant: 'acme' },
  ]);
  expect((await api.post('/v1/breaker/reset', 'responder', { tenant: 'acme' })).status).toBe(200);
  expect(api.resets).toEqual([['api:a-responder', 'acme']]);
});

describe('idempotency keys', () => {
  const suspend = (idempotency: string, reason = 'x') =>
    api.post('/v1/keys/k1/suspend', 'responder', { reason }, idempotency);

  test('the same key and body are done once, also over a restart', async () => {
    const first = await suspend('one');
    api.stand.result = { ok: true, requestIds: ['another'] };
    await api.restart();
    const again = await suspend('one');
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect(api.suspended).toHaveLength(1);
    expect(api.audited).toHaveLength(1);
  });

  test('for another body or operation the key is refused', async () => {
    await suspend('one');
    expect((await suspend('one', 'y')).status).toBe(422);
    expect((await api.post('/v1/keys/k2/suspend', 'responder', { reason: 'x' }, 'one')).status).toBe(422);
    expect(api.suspended).toHaveLength(1);
  });

  test('is the caller’s own', async () => {
    await suspend('one');
    const other = await api.post('/v1/keys/k1/expect', 'analyst', {}, 'one');
    expect(other.status).toBe(202);
  });

  test('two at once: one is done', async () => {
    const both = await Promise.all([suspend('one'), suspend('one'), suspend('one')]);
    expect(both.every(({ status }) => status === 202 || status === 409)).toBe(true);
    expect(api.suspended).toHaveLength(1);
  });

  test('what was refused may be tried again with the same key', async () => {
    api.stand.result = { ok: false, rail: 'dry-run', detail: '' };
    expect((await suspend('one')).status).toBe(409);
    api.stand.result = { ok: true, requestIds: ['r2'] };
    expect((await suspend('one')).status).toBe(202);
  });

  test('after a day it is forgotten', async () => {
    await suspend('one');
    api.stand.now += DAY + 1;
    expect((await suspend('one', 'y')).status).toBe(202);
  });

  test.each([[undefined], [''], ['a b'], ['x'.repeat(129)], ['ümlaut']])('%j is none', async (key) => {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    const { status } = await api.call('POST', '/v1/keys/k1/suspend', {
      token: secrets.responder,
      body: { reason: 'x' },
      headers,
    });
    expect([status, api.suspended.length]).toEqual([400, 0]);
  });
});
