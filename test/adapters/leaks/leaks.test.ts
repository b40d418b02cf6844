import { generateKeyPairSync } from 'node:crypto';
import { githubKeyOf, tokenHash } from '../../../src/adapters/leaks/github';
import { alertDocument } from '../../../src/domain/alert';
import { requests } from '../../support/enforcement';
import { DECLARED, githubSignature, hashOf, type LeakStand, LOGGED, leakStand, stranger } from '../../support/leaks';

const PLACE = 'https://github.com/octocat/Hello-World/blob/12345600b9cbe38a219f39a9941c9319b600c002/foo/bar.txt';
const find = (token: string, url = PLACE) => ({ token, type: 'acme_api_token', url, source: 'content' });
const UNKNOWN = 'acme_unknown_0a9sd8f7a6sd5f';

let stand: LeakStand;
const open = async (...options: Parameters<typeof leakStand>) => {
  stand = await leakStand(...options);
  return stand;
};
afterEach(() => stand.close());

const counted = async () =>
  Object.fromEntries(
    [...(await stand.metrics.text()).matchAll(/^keywatch_leak_notices_total\{sender="(\w+)",result="(\w+)"\} (\d+)$/gm)]
      .filter(([, , , count]) => count !== '0')
      .map(([, sender, result, count]) => [`${sender} ${result}`, Number(count)]),
  );
const firstStates = () =>
  stand.lines.map(({ state, rail, request }) => [request?.key, state, rail]).filter(([key]) => key);

describe('a notice of GitHub', () => {
  test('about a declared key: alerted, recorded, suspended by the rails', async () => {
    await open();
    expect(await stand.github([find(DECLARED)])).toMatchObject({ status: 200, text: '[]' });
    expect(stand.alerts()).toEqual([
      expect.objectContaining({ user: { id: 'k1', name: 'billing' }, organization: { id: 'acme' } }),
    ]);
    const [alert] = stand.alerts();
    expect(alertDocument.safeParse(alert).success).toBe(true);
    expect(alert.event).toMatchObject({ kind: 'alert', severity: 99, risk_score: 100 });
    expect(alert.event.reason).toContain(PLACE);
    expect(alert.keywatch.evidence).toMatchObject([{ detector: 'leaked', facet: 'limits', kind: 'rule' }]);
    expect(stand.audited[0]).toMatchObject({
      kind: 'api',
      by: 'leak-notice:github',
      subject: 'k1',
      detail: { operation: 'leakNotice', places: [PLACE] },
    });
    expect(stand.lines[0]).toMatchObject({
      state: 'accepted',
      request: { key: 'k1', keyKind: 'credential', tier: 'gold', rule: 'leak-notice', durationMs: 7 * 86_400_000 },
    });
    expect(stand.lines[0].request?.by).toBeUndefined();
  });

  test('about a key that the log alone knows, by its keyed hash', async () => {
    await open();
    await stand.github([find(LOGGED)]);
    expect(stand.lines[0].request).toMatchObject({ key: hashOf(LOGGED), keyKind: 'hash' });
  });

  test('about a token that nothing is known of: counted, nothing else', async () => {
    await open();
    expect(await stand.github([find(UNKNOWN), find('plain-id')])).toMatchObject({ status: 200, text: '[]' });
    expect([stand.documents, stand.lines, stand.audited]).toEqual([[], [], []]);
    expect(await counted()).toEqual({ 'github unknown': 2 });
  });

  test('with action alert nothing is asked of Enforce', async () => {
    await open({ leaks: { action: 'alert' } });
    await stand.github([find(DECLARED)]);
    expect(stand.alerts()).toMatchObject([{ keywatch: { action: 'alert' } }]);
    expect(firstStates()).toEqual([]);
  });

  test('with feedback known tokens alone are confirmed, by their SHA-256', async () => {
    await open({ feedback: true });
    const { text } = await stand.github([find(UNKNOWN), find(DECLARED)]);
    expect(JSON.parse(text)).toEqual([
      { token_hash: tokenHash(DECLARED), token_type: 'acme_api_token', label: 'true_positive' },
    ]);
  });
});

describe('rails', () => {
  test('a protected key is alerted and not suspended', async () => {
    await open({ enforce: { protectedKeys: ['k1'] } });
    await stand.github([find(DECLARED)]);
    expect(stand.alerts()).toHaveLength(1);
    expect(firstStates()).toEqual([['k1', 'held', 'protected-key']]);
  });

  test('a notice is held by an open circuit breaker, and counted by one', async () => {
    await open({ enforce: { breaker: { count: 2 } } });
    await stand.enforcement.submit(requests(2), { lagging: false });
    await stand.github([find(DECLARED)]);
    expect(firstStates().at(-1)).toEqual(['k1', 'held', 'breaker-count']);
  });

  test('dry run of the rule, while the rest is enforced', async () => {
    await open({ enforce: { dryRun: { rules: ['leak-notice'] } } });
    await stand.github([find(DECLARED)]);
    expect(firstStates()).toEqual([['k1', 'held', 'dry-run']]);
  });

  test('it does not rest on the data: bad ones do not hold it', async () => {
    await open();
    const asked: number[] = [];
    const { start } = stand;
    const other = await start({
      quality: (partition) => {
        asked.push(partition);
        return { rail: 'data-quality', detail: 'bad' };
      },
    });
    await other.submit([{ ...requests(1)[0], id: 'leak', partition: -1 }], { lagging: false });
    await other.stop();
    expect([asked, stand.lines.at(-1)?.state]).toEqual([[], expect.stringMatching(/accepted|delivered/)]);
  });
});

describe('once', () => {
  test('the same notice again, also after a restart and a release: nothing', async () => {
    await open();
    const body = JSON.stringify([find(DECLARED)]);
    await stand.github(body);
    await stand.enforcement.release({ key: 'k1', by: 'ann', reason: 'a test key' });
    await stand.restart();
    await stand.clock.advance(30 * 86_400_000);
    const before = [stand.alerts().length, firstStates().length, stand.audited.length];
    expect((await stand.github(body)).status).toBe(200);
    expect([stand.alerts().length, firstStates().length, stand.audited.length]).toEqual(before);
    expect(await counted()).toEqual({ 'github known': 1, 'github repeated': 1 });
  });

  test('another place within a day belongs to the incident; later it is a new one', async () => {
    await open();
    await stand.github([find(DECLARED)]);
    await stand.github([find(DECLARED, 'https://gist.github.com/other')]);
    await stand.clock.advance(2 * 86_400_000);
    await stand.github([find(DECLARED, 'https://gist.github.com/third')]);
    const told = stand.alerts().map(({ event, keywatch }) => [event.kind, event.sequence, keywatch.incident?.id]);
    const first = told[0][2];
    expect(told).toEqual([
      ['alert', 0, first],
      ['event', 1, first],
      ['alert', 0, expect.not.stringMatching(String(first))],
    ]);
  });

  test('what could not be recorded is not done, and goes on when it is sent again', async () => {
    await open();
    stand.faulty.audit = true;
    expect((await stand.github([find(DECLARED)])).status).toBe(500);
    expect([stand.alerts(), firstStates()]).toEqual([[], []]);
    stand.faulty.audit = false;
    expect((await stand.github([find(DECLARED)])).status).toBe(200);
    expect([stand.alerts().length, firstStates().length]).toEqual([1, 1]);
  });

  test('many places of one key in one notice: a bounded number of documents', async () => {
    await open();
    await stand.github(Array.from({ length: 500 }, (_, i) => find(DECLARED, `https://github.com/a/${i}`)));
    expect(stand.alerts()).toHaveLength(20);
  });
});

describe('refused', () => {
  const body = JSON.stringify([find(DECLARED)]);
  test.each([
    ['no signature', { 'github-public-key-signature': '' }],
    ['a stranger signed it', { 'github-public-key-signature': githubSignature(body, stranger.privateKey) }],
    ['signed for another body', { 'github-public-key-signature': githubSignature(`${body} `) }],
    ['an unknown key id', { 'github-public-key-identifier': 'f00' }],
    ['a name of every object', { 'github-public-key-identifier': '__proto__' }],
    ['no base64', { 'github-public-key-signature': '!!!' }],
    ['endless', { 'github-public-key-signature': 'A'.repeat(5_000) }],
  ])('GitHub: %s', async (_, headers) => {
    await open();
    const { status, text } = await stand.github(body, headers);
    expect(status).toBe(401);
    expect(text).not.toContain(DECLARED);
    expect([stand.documents, stand.lines]).toEqual([[], []]);
    expect(await counted()).toEqual({ 'github refused': 1 });
  });

  test('a key of another curve, or none, is no key of GitHub', async () => {
    await open();
    const other = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey;
    expect(() => githubKeyOf(other.export({ type: 'spki', format: 'pem' }).toString())).toThrow('P-256');
    expect(() => githubKeyOf('secret text')).toThrow(/^expected a public key, PEM$/);
  });

  test.each([
    ['forged', { secret: `whsec_${Buffer.alloc(32, 8).toString('base64')}` }],
    ['old', { at: 0 }],
  ])('generic: %s', async (_, over) => {
    await open();
    expect((await stand.generic({ notices: [{ key: 'k1' }] }, over)).status).toBe(401);
    expect(stand.lines).toEqual([]);
  });

  test.each(['', '{', '[]', '{"notices":[]}', '{"notices":[{}]}', `{"notices":[{"key":"k1","token":"${DECLARED}"}]}`])(
    'generic: %j is no notice, and is not repeated',
    async (text) => {
      await open();
      const answer = await stand.generic(text);
      expect(answer.status).toBe(400);
      expect(answer.text).not.toContain(DECLARED);
    },
  );

  test('another host, another type, too much, too often, another path', async () => {
    await open({ inbound: { perMinute: 5 } });
    expect((await stand.post('/v1/leaks', '{}', { host: 'evil.example' })).status).toBe(421);
    expect((await stand.post('/v1/leaks', '{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await stand.post('/v1/leaks', 'x'.repeat(1_048_577), {})).status).toBe(413);
    expect((await stand.post('/v1/keys', '{}', {})).status).toBe(404);
    expect((await stand.post('/v1/leaks', '{}', {})).status).toBe(401);
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await stand.post('/v1/leaks', '{}', {})).status);
    expect(statuses.at(-1)).toBe(429);
  });
});

test('a generic notice may name a key by its id, or by its token', async () => {
  await open();
  await stand.generic({ notices: [{ key: 'plain-id', url: 'https://pastebin.example/1' }] });
  await stand.generic({ notices: [{ token: DECLARED }] }, { id: 'n2' });
  await stand.generic({ notices: [{ token: DECLARED }] }, { id: 'n2' });
  await stand.generic({ notices: [{ key: 'nobody' }, { key: hashOf(DECLARED) }] }, { id: 'n3' });
  expect(firstStates().map(([key]) => key)).toEqual(['plain-id', 'k1']);
  expect(await counted()).toEqual({ 'generic known': 2, 'generic repeated': 1, 'generic unknown': 2 });
});

test('a raw key is left nowhere: not in state, alert, audit, log, metrics or answer', async () => {
  await open();
  const places = [
    PLACE,
    `https://github.com/x/${DECLARED}`,
    `https://github.com/x/${encodeURIComponent(encodeURIComponent(`${DECLARED}/${LOGGED}`))}`,
    `https://${DECLARED.replaceAll('_', '-')}.example/?k=${DECLARED}#${DECLARED}`,
    `https://user:${DECLARED}@github.com/`,
    `javascript:${DECLARED}`,
    DECLARED,
  ];
  const answers: unknown[] = [];
  for (const token of [DECLARED, LOGGED, UNKNOWN])
    for (const place of places) answers.push(await stand.github([find(token, place), find(DECLARED, place)]));
  answers.push(await stand.github(`[{"token":"${DECLARED}","type":5}]`), await stand.github(`{"${DECLARED}`));
  stand.faulty.audit = true;
  answers.push(await stand.github([find(DECLARED, 'https://github.com/new')]));
  const left = `${await stand.everything()}${JSON.stringify(answers)}`.toLowerCase();
  expect(left).toContain('octocat');
  for (const token of [DECLARED, LOGGED, UNKNOWN]) expect(left).not.toContain(token.toLowerCase());
});
