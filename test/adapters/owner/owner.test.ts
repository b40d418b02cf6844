import { linkId, readLink, signLink } from '../../../src/adapters/owner/links';
import { alertDocument } from '../../../src/domain/alert';
import { incidentDocument } from '../../support/api';
import { LINK_SECRET, type OwnerStand, ownerStand } from '../../support/owner';
import { readMail } from '../../support/smtp-double';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let stand: OwnerStand;
const open = async (...options: Parameters<typeof ownerStand>) => {
  stand = await ownerStand(...options);
  return stand;
};
afterEach(() => stand.close());

const requested = () =>
  stand.lines.flatMap(({ request, state, rail }) => (request ? [[request.key, request.by, state, rail]] : []));
const notices = () => stand.documents.filter(({ event }) => event.action?.startsWith('owner-said-'));

describe('the mail', () => {
  test('goes to the owner that the inventory names, with what is known and two links', async () => {
    await open();
    await stand.alert();
    expect(stand.smtp.mails).toMatchObject([{ from: 'keywatch@example.com', to: ['ann@example.com'] }]);
    const { headers, text } = readMail(stand.smtp.mails[0]);
    expect(Object.fromEntries(headers)).toMatchObject({
      subject: 'API key billing is used in an unusual way',
      'auto-submitted': 'auto-generated',
    });
    expect(text).toContain(incidentDocument(1).event.reason);
    expect(stand.links()).toHaveLength(2);
  });

  test('of a key that was found in public it says so', async () => {
    await open();
    await stand.alert((document) => ({
      ...document,
      event: { ...document.event, kind: 'alert' },
      rule: { name: 'leak-notice' },
    }));
    expect(readMail(stand.smtp.mails[0]).text).toContain('Your API key billing was found in public.');
  });

  test('a team has the address that the configuration gives it', async () => {
    await open({ row: { owner: 'team billing' }, owner: { contacts: { 'team billing': 'billing@example.com' } } });
    await stand.alert();
    expect(stand.smtp.mails).toMatchObject([{ to: ['billing@example.com'] }]);
  });

  test.each([
    'team',
    'ann@example.com, eve@example.com',
    'ann@example.com\r\nBcc: eve@example.com',
    '<ann@example.com>',
    '',
  ])('nobody is mailed at %j', async (owner) => {
    await open({ row: { owner: owner === '' ? undefined : owner } });
    await stand.alert();
    expect(stand.smtp.mails).toEqual([]);
  });

  test('nobody hears of updates, tests, the canary, or other keys', async () => {
    await open();
    const one = incidentDocument(1);
    await stand.sink.write([
      { ...one, event: { ...one.event, kind: 'event' } },
      { ...one, keywatch: { ...one.keywatch, test: true } },
      { ...one, keywatch: { ...one.keywatch, canary: true } },
      incidentDocument(2),
      incidentDocument(9),
    ]);
    expect(stand.smtp.mails).toEqual([]);
  });

  test('texts of strangers stay in their line: no header, no second link, no turned text', async () => {
    const hostile = 'x\r\nBcc: eve@example.com\r\n\r\nhttps://evil.example\u202e\u0000<b>';
    await open({ row: { name: hostile } });
    await stand.alert((document) => ({ ...document, event: { ...document.event, reason: `by ${hostile}` } }));
    expect(stand.smtp.mails[0].to).toEqual(['ann@example.com']);
    const { headers, text } = readMail(stand.smtp.mails[0]);
    expect(headers.map(([name]) => name)).not.toContain('bcc');
    expect(text.split('\n').filter((line) => /^(bcc|https:\/\/evil)/i.test(line))).toEqual([]);
    expect(text).not.toMatch(/[\u202e\u0000]/);
  });

  test('the same alert is mailed once; no more than so many in an hour', async () => {
    await open({ owner: { perHour: 2 } });
    for (let i = 0; i < 4; i += 1) await stand.sink.write([incidentDocument(1, 'k1', i), incidentDocument(1, 'k1', i)]);
    expect(stand.smtp.mails).toHaveLength(2);
    expect(stand.warned.join()).toContain('too many messages');
    await stand.clock.advance(HOUR);
    await stand.sink.write([incidentDocument(1, 'k1', 9)]);
    expect(stand.smtp.mails).toHaveLength(3);
  });

  test('a server that is down has it wait; a recipient that is refused does not hold up the rest', async () => {
    await open();
    stand.smtp.reply.RCPT = '451 later';
    await expect(stand.sink.write([incidentDocument(1)])).rejects.toThrow(/^mail was not taken \(EENVELOPE, 451\)$/);
    stand.smtp.reply.RCPT = '550 nobody here';
    await stand.sink.write([incidentDocument(1)]);
    expect(stand.warned.join()).toContain('refuses the message');
    delete stand.smtp.reply.RCPT;
    await stand.sink.write([incidentDocument(1, 'k1', 1)]);
    expect(stand.smtp.mails).toHaveLength(1);
  });
});

describe('links', () => {
  test('a scanner that follows them, many times, changes nothing', async () => {
    await open();
    await stand.alert();
    for (const { path } of [...stand.links(), ...stand.links()]) {
      const { status, headers, text } = await stand.call('GET', path);
      expect(status).toBe(200);
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      });
      expect(text).not.toMatch(/<script|style=|<img|src=/);
      expect(text).toContain('What will happen');
    }
    expect([requested(), stand.audited, stand.commands(), notices()]).toEqual([[], [], [], []]);
  });

  test('suspend now: once, by the owner, recorded and told', async () => {
    await open();
    await stand.alert();
    const { path } = stand.links()[1];
    expect(await stand.confirm(path)).toMatchObject({
      status: 200,
      text: expect.stringContaining('is being suspended'),
    });
    expect(requested()).toEqual([['k1', 'owner-link', 'accepted', undefined]]);
    expect(stand.audited[0]).toMatchObject({
      kind: 'feedback',
      by: 'owner-link',
      subject: 'k1',
      detail: { operation: 'suspend-now' },
    });
    expect(notices()).toMatchObject([
      { event: { action: 'owner-said-suspend-now', severity: 73 }, related: { user: ['k1'] } },
    ]);
    expect(alertDocument.safeParse(notices()[0]).success).toBe(true);
    expect(await stand.confirm(path)).toMatchObject({ status: 410, text: expect.stringContaining('was used') });
    await stand.restart();
    expect((await stand.confirm(path)).status).toBe(410);
    expect(requested()).toHaveLength(1);
  });

  test('a rail that holds it is said, on the page and to the team', async () => {
    await open({ enforce: { protectedKeys: ['k1'] } });
    await stand.alert();
    const { text } = await stand.confirm(stand.links()[1].path);
    expect(text).toContain('held by the rail protected-key');
    expect(notices()[0].event.reason).toContain('protected-key');
  });

  test('this was me: mutes the strongest evidence for a time, and releases nothing', async () => {
    await open();
    const document = await stand.alert();
    await stand.enforcement.submit([automatic(document)], { lagging: false });
    await stand.enforcement.idle();
    const { text } = await stand.confirm(stand.links()[0].path);
    expect(text).toContain('stays suspended');
    expect(stand.commands()).toEqual([expect.stringMatching(/"type":"mute".*"facet":"actor"/)]);
    expect(stand.enforcement.standing('k1').state).toBe('suspended');
  });

  test('with mayRelease it releases what keywatch did by itself, and never what a person did', async () => {
    await open({ owner: { mayRelease: true } });
    const document = await stand.alert();
    await stand.enforcement.suspend({ key: 'k1', by: 'ann', reason: 'sure', durationMs: DAY });
    await stand.confirm(stand.links()[0].path);
    expect(stand.enforcement.standing('k1').state).toBe('suspended');
    await stand.enforcement.release({ key: 'k1', by: 'ann', reason: 'done' });
    await stand.clock.advance(HOUR);
    await stand.enforcement.submit([{ ...automatic(document), decidedAt: stand.clock.now() }], { lagging: false });
    await stand.enforcement.idle();
    await stand.sink.write([incidentDocument(1, 'k1', 5)]);
    expect((await stand.confirm(stand.links()[0].path)).text).toContain('is being released');
    expect(stand.enforcement.standing('k1').state).not.toBe('suspended');
  });

  test('what cannot be recorded is not done, and the link is still good', async () => {
    await open();
    await stand.alert();
    stand.faulty.audit = true;
    expect((await stand.confirm(stand.links()[1].path)).status).toBe(500);
    expect(requested()).toEqual([]);
    stand.faulty.audit = false;
    expect((await stand.confirm(stand.links()[1].path)).status).toBe(200);
  });

  test('of an owner who is told of a suspension there is one link', async () => {
    await open();
    const document = await stand.alert();
    await stand.enforcement.submit([automatic(document)], { lagging: false });
    await stand.enforcement.idle();
    await stand.sink.write(stand.documents.filter(({ event }) => event.action === 'key-suspended'));
    expect(readMail(stand.smtp.mails.at(-1)!).text).toContain('was suspended');
    expect(stand.links()).toHaveLength(1);
    expect((await stand.call('GET', stand.links()[0].path)).text).toContain('Was this you?');
  });
});

const automatic = (document: ReturnType<typeof incidentDocument>) => ({
  id: 'auto-1',
  action: 'suspend' as const,
  key: 'k1',
  keyName: '',
  tenant: '',
  tier: '',
  partition: 0,
  decidedAt: stand.clock.now(),
  durationMs: DAY,
  incidentId: 'i1',
  alertId: document.event.id,
  rule: 'r',
  risk: 90,
  reason: 'odd',
  evidence: [],
});

describe('refused', () => {
  const link = (over: object = {}, secret = LINK_SECRET) =>
    signLink(secret, {
      action: 'suspend-now',
      key: 'k1',
      incident: '',
      expires: stand.clock.now() + HOUR,
      id: 'x',
      ...over,
    });
  const post = (text: string, form: string) => stand.call('POST', '/v1/owner', { link: text, form });

  test('forged, changed, cut, expired', async () => {
    await open();
    const good = link();
    const [payload, mac] = good.split('.');
    const changed = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('k1', 'k2')).toString('base64url');
    const bad = [
      link({}, `${LINK_SECRET}x`),
      `${changed}.${mac}`,
      `${payload}.`,
      payload,
      '',
      `${good}A`,
      'a'.repeat(9_000),
      good.toUpperCase(),
    ];
    for (const text of bad) {
      expect((await stand.call('GET', `/v1/owner?link=${text}`)).status).toBe(403);
      expect((await post(text, '')).status).toBe(403);
    }
    const old = link({ expires: stand.clock.now() });
    expect((await stand.call('GET', `/v1/owner?link=${old}`)).status).toBe(410);
    expect((await post(old, '')).status).toBe(410);
    expect([requested(), stand.audited]).toEqual([[], []]);
  });

  test('a form that no page of ours made, of another link, or that was open for too long', async () => {
    await open();
    await stand.alert();
    const [first, second] = stand.links();
    const { text } = await stand.call('GET', first.path);
    const form = /name="form" value="([^"]*)"/.exec(text)![1];
    expect((await post(second.link, form)).status).toBe(403);
    expect((await post(second.link, '')).status).toBe(403);
    expect((await post(second.link, `${stand.clock.now()}.${'A'.repeat(43)}`)).status).toBe(403);
    await stand.clock.advance(16 * 60_000);
    expect((await post(first.link, form)).status).toBe(403);
    expect([requested(), stand.commands()]).toEqual([[], []]);
  });

  test('at the same moment twice: done once', async () => {
    await open();
    await stand.alert();
    const { path } = stand.links()[1];
    const statuses = (await Promise.all([stand.confirm(path), stand.confirm(path), stand.confirm(path)])).map(
      (one) => one.status,
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(requested()).toHaveLength(1);
  });

  test('hostile texts on the page are texts', async () => {
    const hostile = `"><script>alert(1)</script><img src=x onerror='x'>`;
    await open({ row: { name: hostile } });
    await stand.alert((document) => ({
      ...document,
      user: { id: 'k1', name: hostile },
      event: { ...document.event, reason: hostile },
    }));
    for (const { path } of stand.links()) {
      const { text } = await stand.call('GET', path);
      expect(text).not.toMatch(/<script|<img|onerror='/);
      expect(text).toContain('&lt;script&gt;');
    }
  });

  test('purposes are kept apart: the same alert has another id for each action', async () => {
    await open();
    expect(linkId(LINK_SECRET, 'this-was-me', 'a')).not.toBe(linkId(LINK_SECRET, 'suspend-now', 'a'));
    expect(readLink(LINK_SECRET, link(), stand.clock.now())).toMatchObject({ key: 'k1', action: 'suspend-now' });
  });
});
