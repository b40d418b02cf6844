import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { House } from '../../../src/app/live/house';
import { ownerSinks } from '../../../src/app/live/owner';
import { configSchema } from '../../../src/config';
import { noInventory } from '../../../src/domain/inventory';
import { incidentDocument } from '../../support/api';
import { type HttpReceiver, httpReceiver, type Received, type Reply } from '../../support/http-receiver';
import { type OwnerStand, ownerStand } from '../../support/owner';

const HOUR = 3_600_000;
const dir = mkdtempSync(join(tmpdir(), 'keywatch-owner-chat-'));
let stand: OwnerStand;
let hook: HttpReceiver;
let taken: Received[];
let reply: (request: Received) => Reply;

beforeEach(async () => {
  taken = [];
  reply = () => ({ status: 200 });
  hook = await httpReceiver((request) => {
    const answer = reply(request);
    if (answer.status === 200) taken.push(request);
    return answer;
  });
});
afterEach(async () => {
  await stand.close();
  await hook.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const urlFrom = (path: string) => {
  const file = join(dir, path);
  writeFileSync(file, `${hook.url}/services/${path}\n`);
  return `file:${file}`;
};
const local = { allowHttp: true, allowPrivate: ['127.0.0.1'] };
const open = async (chat: object, more: object = {}, row: Readonly<Record<string, unknown>> = {}) => {
  stand = await ownerStand({ owner: { chat: { style: 'slack', ...local, ...chat }, ...more }, row });
};

/** What is shown as text, and where buttons lead. */
const shown = ({ body }: Received) => {
  const texts: string[] = [];
  const urls: string[] = [];
  const walk = (value: unknown, name: string): void => {
    if (typeof value === 'string' && ['text', 'title'].includes(name)) texts.push(value);
    if (typeof value === 'string' && name === 'url') urls.push(value);
    if (typeof value === 'object' && value !== null)
      for (const [inner, one] of Object.entries(value)) walk(one, Array.isArray(value) ? name : inner);
  };
  walk(JSON.parse(body), '');
  return { texts, urls };
};
const pathOf = (url: string) => url.replace('https://keys.example', '');

describe.each(['slack', 'teams'] as const)('%s', (style) => {
  test('an owner is told with what is known and the two links, which work as those of a mail do', async () => {
    await open({ style, urlFrom: urlFrom('shared') });
    await stand.chat.write([incidentDocument(1)]);
    const { texts, urls } = shown(taken[0]);
    expect(taken[0].path).toBe('/services/shared');
    expect(texts.join('\n')).toContain('API key billing is used in an unusual way');
    expect(texts.join('\n')).toContain(incidentDocument(1).event.reason.slice(0, 20));
    expect(urls).toHaveLength(2);
    expect((await stand.call('GET', pathOf(urls[0]))).text).toContain('Was this you?');
    expect((await stand.call('GET', pathOf(urls[1]))).text).toContain('Suspend this key now?');
    expect(await stand.confirm(pathOf(urls[1]))).toMatchObject({ status: 200 });
    expect((await stand.confirm(pathOf(urls[1]))).status).toBe(410);
  });

  test('a suspension has the first link alone', async () => {
    await open({ style, urlFrom: urlFrom('shared') });
    const one = incidentDocument(1);
    const { user: _, ...notice } = one;
    await stand.chat.write([
      { ...notice, event: { ...one.event, kind: 'event', action: 'key-suspended' }, related: { user: ['k1'] } },
    ]);
    const { texts, urls } = shown(taken[0]);
    expect(texts.join('\n')).toContain('was suspended');
    expect(urls).toHaveLength(1);
  });

  test('texts of strangers mention nobody, link nowhere, close nothing', async () => {
    const hostile = '<!channel> <https://evil.example|x> *b* @here {{env}} "}],\r\n\u202e</at>';
    await open({ style, urlFrom: urlFrom('shared') }, {}, { name: hostile });
    const one = incidentDocument(1);
    await stand.chat.write([{ ...one, event: { ...one.event, reason: `by ${hostile}` } }]);
    const { texts, urls } = shown(taken[0]);
    const all = texts.join('\n');
    expect(all).toContain('evil.example');
    expect(all).not.toMatch(style === 'slack' ? /https:\/\/|[\r\u202e]/ : /https:\/\/|\{\{|[\r\u202e]/);
    if (style === 'slack') expect(all).not.toMatch(/<|>|@here|\*b\*/);
    expect(urls.every((url) => url.startsWith('https://keys.example/v1/owner?link='))).toBe(true);
  });
});

test('an owner has the webhook that the configuration gives him; others the shared one, or none', async () => {
  await open({ owners: { 'team billing': { urlFrom: urlFrom('own') } } }, {}, { owner: 'team billing' });
  await stand.chat.write([incidentDocument(1), incidentDocument(2, 'k2')]);
  expect(taken.map(({ path }) => path)).toEqual(['/services/own']);
  await stand.close();
  await open({ owners: { 'team billing': { urlFrom: urlFrom('own') } } }, {}, { owner: 'team other' });
  await stand.chat.write([incidentDocument(1)]);
  expect(taken).toHaveLength(1);
});

test('a URL in the inventory is nowhere to write to', async () => {
  await open({ owners: { team: { urlFrom: urlFrom('own') } } }, {}, { owner: `${hook.url}/services/own` });
  await stand.chat.write([incidentDocument(1)]);
  expect(taken).toEqual([]);
});

test('mail and chat carry the same links: used in one they are used in the other', async () => {
  await open({ urlFrom: urlFrom('shared') });
  await stand.alert();
  await stand.chat.write([incidentDocument(1)]);
  expect((await stand.confirm(pathOf(shown(taken[0]).urls[1]))).status).toBe(200);
  expect((await stand.confirm(stand.links()[1].path)).status).toBe(410);
});

test('no more than so many in an hour; attempts that failed do not count', async () => {
  await open({ urlFrom: urlFrom('shared') }, { perHour: 2 });
  reply = () => ({ status: 429, headers: { 'retry-after': '7' } });
  for (let i = 0; i < 4; i += 1)
    await expect(stand.chat.write([incidentDocument(1)])).rejects.toMatchObject({
      message: 'HTTP 429',
      retryAfterMs: 7_000,
    });
  reply = () => ({ status: 200 });
  for (let i = 0; i < 4; i += 1) await stand.chat.write([incidentDocument(1, 'k1', i), incidentDocument(1, 'k1', i)]);
  expect(taken).toHaveLength(2);
  expect(stand.warned.join()).toContain('too many messages');
  await stand.clock.advance(HOUR);
  await stand.chat.write([incidentDocument(1, 'k1', 9)]);
  expect(taken).toHaveLength(3);
});

test('a hook that was removed does not hold up the rest; what is said of it names no URL', async () => {
  await open({ urlFrom: urlFrom('shared') });
  reply = ({ path }) => ({ status: path.endsWith('shared') ? 404 : 200, body: 'no_service' });
  await stand.chat.write([incidentDocument(1)]);
  expect(stand.warned.join()).toContain('refuses the message');
  expect(stand.warned.join()).not.toContain('services');
});

test('a private address is reached only where it is named, and the refusal repeats nothing of the URL', async () => {
  await open({ urlFrom: urlFrom('shared') });
  const config = configSchema.parse({
    source: { kind: 'stdin' },
    owner: {
      url: 'https://keys.example',
      linkSecretFrom: urlFrom('link'),
      chat: { style: 'slack', urlFrom: urlFrom('shared'), allowHttp: true },
    },
  });
  let message = '';
  try {
    ownerSinks({ config } as unknown as House, () => noInventory);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toContain('owner.chat.allowPrivate');
  expect(message).not.toMatch(/127|services/);
});
