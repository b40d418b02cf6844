import { type ApiStand, apiStand, incidentDocument, secrets, T } from '../../support/api';

const DAY = 86_400_000;
let api: ApiStand;
beforeEach(async () => {
  api = await apiStand();
  api.note(incidentDocument(1), incidentDocument(2));
});
afterEach(() => api.close());

const say = (body: unknown, who: 'analyst' | 'responder' = 'analyst', key?: string) =>
  api.post('/v1/incidents/i1/feedback', who, body, key);
const benign = (facet: string, more = {}) => ({ verdict: 'benign', facet, ...more });
const withdraw = (id: string, incident = 'i1') =>
  api.call('DELETE', `/v1/incidents/${incident}/feedback/${id}`, 'analyst');

describe('incidents', () => {
  test('the newest first, in pages, by filter; one with its document', async () => {
    api.note(incidentDocument(3, 'k1'));
    const page = await api.get('/v1/incidents?limit=2');
    expect(page.body.incidents.map(({ id }: { id: string }) => id)).toEqual(['i3', 'i2']);
    const rest = await api.get(`/v1/incidents?limit=2&cursor=${page.body.next}`);
    expect(rest.body).toMatchObject({ incidents: [{ id: 'i1', key: 'k1', severity: 73 }] });
    expect(rest.body.next).toBeUndefined();
    expect((await api.get('/v1/incidents?key=k1&state=open')).body.incidents).toHaveLength(2);
    expect((await api.get('/v1/incidents?severity=99')).body.incidents).toEqual([]);
    expect((await api.get('/v1/incidents/i1')).body.document.keywatch.baseline.active_days).toBe(3);
    expect((await api.get('/v1/incidents/i9')).status).toBe(404);
  });

  test.each(['x', 'bnVsbA', 'W10', 'WzEsMl0', 'eyJfX3Byb3RvX18iOjF9'])('the cursor %j is none', async (cursor) => {
    expect((await api.get(`/v1/incidents?cursor=${cursor}`)).status).toBe(400);
  });
});

describe('benign', () => {
  test('mutes one facet of the key for a week, or as long as is said', async () => {
    const week = await say(benign('actor', { note: 'new office' }));
    expect(week).toMatchObject({
      status: 201,
      body: { feedback: { verdict: 'benign', facet: 'actor', by: 'api:a-analyst', note: 'new office' }, requests: [] },
    });
    await say(benign('geography', { for: '12h' }));
    expect(api.commands).toEqual([
      { type: 'mute', key: 'k1', facet: 'actor', until: T + 7 * DAY, by: 'api:a-analyst' },
      { type: 'mute', key: 'k1', facet: 'geography', until: T + DAY / 2, by: 'api:a-analyst' },
    ]);
    expect((await api.get('/v1/keys/k1')).body.mutes).toMatchObject([{ facet: 'actor' }, { facet: 'geography' }]);
    expect((await api.get('/v1/incidents/i1')).body.feedback).toHaveLength(2);
    expect(api.audited.map(({ kind, subject, detail }) => [kind, subject, detail?.facet])).toEqual([
      ['feedback', 'k1', 'actor'],
      ['feedback', 'k1', 'geography'],
    ]);
  });

  test.each([
    ['longer than may be', benign('actor', { for: '31d' }), 422],
    ['for no time', benign('actor', { for: '0s' }), 422],
    ['of a declared limit', benign('limits'), 400],
    ['of what the incident has no evidence of', benign('routes'), 422],
    ['of everything', { verdict: 'benign' }, 400],
    ['of several facets', benign('actor', { facets: ['actor', 'geography'] }), 400],
    ['of another key', benign('actor', { key: 'k2' }), 400],
  ])('%s it is refused, and nothing is muted', async (_, body, status) => {
    expect((await say(body)).status).toBe(status);
    expect(api.commands).toEqual([]);
    expect((await api.get('/v1/incidents/i1')).body.feedback).toEqual([]);
  });

  test('never more than three facets of a key at once, over all its incidents; one taken back makes room', async () => {
    api.note(incidentDocument(5, 'k1'));
    const first = await say(benign('actor'));
    await say(benign('geography'));
    await api.post('/v1/incidents/i5/feedback', 'analyst', benign('client'));
    expect((await say(benign('time'))).status).toBe(409);
    // The same facet anew is no further one.
    expect((await say(benign('client', { for: '1h' }))).status).toBe(201);
    expect((await withdraw(first.body.feedback.id)).status).toBe(200);
    expect((await say(benign('time'))).status).toBe(201);
  });

  test('ends by itself, and makes room', async () => {
    for (const facet of ['actor', 'geography', 'client']) await say(benign(facet));
    api.stand.now += 7 * DAY + 1;
    expect((await say(benign('time'))).status).toBe(201);
  });

  test('said once more with the same key it is one feedback', async () => {
    const one = await say(benign('actor'), 'analyst', 'again');
    api.stand.now += 1_000;
    const two = await say(benign('actor'), 'analyst', 'again');
    expect(two.body).toEqual(one.body);
    expect((await api.get('/v1/incidents/i1')).body.feedback).toHaveLength(1);
  });
});

describe('taken back', () => {
  test('what was muted is heard again; who did it is kept; twice is once', async () => {
    const { body } = await say(benign('actor'));
    api.stand.now += 60_000;
    const done = await withdraw(body.feedback.id);
    expect(done).toMatchObject({ status: 200, body: { withdrawn: { by: 'api:a-analyst' } } });
    expect(api.commands.at(-1)).toEqual({ type: 'unmute', key: 'k1', facet: 'actor', by: 'api:a-analyst' });
    api.stand.now += 60_000;
    expect((await withdraw(body.feedback.id)).body).toEqual(done.body);
    expect((await api.get('/v1/keys/k1')).body.mutes).toEqual([]);
    expect(api.audited.at(-1)).toMatchObject({ kind: 'feedback', detail: { operation: 'withdrawFeedback' } });
  });

  test('while somebody else asks for the same silence, theirs holds', async () => {
    const mine = await say(benign('actor', { for: '1d' }));
    await api.post('/v1/incidents/i1/feedback', 'responder', benign('actor', { for: '2d' }));
    await withdraw(mine.body.feedback.id);
    expect(api.commands.at(-1)).toEqual({
      type: 'mute',
      key: 'k1',
      facet: 'actor',
      until: T + 2 * DAY,
      by: 'api:a-responder',
    });
  });

  test('what is not there, or on another incident, is not found', async () => {
    const { body } = await say(benign('actor'));
    expect((await withdraw('nothing')).status).toBe(404);
    expect((await withdraw(body.feedback.id, 'i2')).status).toBe(404);
    expect((await withdraw('__proto__', '__proto__')).status).toBe(404);
  });
});

describe('theft', () => {
  test('is recorded, mutes nothing, and suspends in the hand of a responder alone', async () => {
    expect((await say({ verdict: 'theft' })).status).toBe(201);
    expect((await say({ verdict: 'theft', suspend: true })).status).toBe(403);
    expect([api.commands, api.suspended]).toEqual([[], []]);
    const done = await say({ verdict: 'theft', suspend: true, note: 'owner confirmed' }, 'responder');
    expect(done.body.requests).toEqual(['r1']);
    expect(api.suspended).toMatchObject([
      { key: 'k1', incidentId: 'i1', alertId: 'a1-0', reason: 'owner confirmed', durationMs: 3_600_000 },
    ]);
  });

  test('that a rail holds is kept as feedback', async () => {
    api.stand.result = { ok: false, rail: 'dry-run', detail: 'would suspend' };
    expect((await say({ verdict: 'theft', suspend: true }, 'responder')).status).toBe(409);
    expect((await api.get('/v1/incidents/i1')).body.feedback).toMatchObject([{ verdict: 'theft' }]);
  });
});

test('an incident takes no more than fifty, so that none pushes a mute out of sight', async () => {
  const first = await say(benign('actor'));
  for (let i = 0; i < 49; i++) await say({ verdict: 'theft' });
  expect((await say({ verdict: 'theft' })).status).toBe(409);
  expect((await withdraw(first.body.feedback.id)).status).toBe(200);
});

test('feedback needs an incident', async () => {
  expect((await api.post('/v1/incidents/i9/feedback', 'analyst', benign('actor'))).status).toBe(404);
  expect(
    (await api.call('POST', '/v1/incidents/i1/feedback', { token: secrets.analyst, body: benign('actor') })).status,
  ).toBe(400);
});
