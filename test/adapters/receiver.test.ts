import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startEnforcement } from '../../src/adapters/enforcement';
import { createNoTelemetry } from '../../src/adapters/no-telemetry';
import { type ReceivedCommand, type Receiver, startReceiver } from '../../src/adapters/receiver';
import { parseSecrets, sign } from '../../src/adapters/webhook/sign';
import { createWebhook } from '../../src/adapters/webhook/webhook';
import { keyActions, type Outcome } from '../../src/domain/action';
import { commandOf } from '../../src/enforce/command';
import type { LiveAction } from '../../src/enforce/state';
import type { Enforcer } from '../../src/ports';
import { actionRequest, HOUR, MINUTE, TEN } from '../support/action-request';
import { calm, enforceConfig, memoryLedger, requests, states, world } from '../support/enforcement';
import { createVirtualClock, turnOver } from '../support/virtual-clock';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function receiverAt(now: () => number) {
  const commands: ReceivedCommand[] = [];
  const receiver = await startReceiver({ secret: SECRET, clock: { now }, onCommand: (c) => commands.push(c) });
  closing.push(receiver.close);
  return { receiver, commands };
}

const suspension = (over = {}): LiveAction => ({
  request: actionRequest(over),
  stage: 'accepted',
  acceptedAt: TEN,
  notAfter: TEN + 15 * MINUTE,
  until: TEN + HOUR,
});

async function post(receiver: Receiver, id: string, body: string, secret = SECRET, at = TEN): Promise<number> {
  const signature = sign(parseSecrets(secret), id, at / 1_000, body);
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(at / 1_000), 'webhook-signature': signature };
  return (await fetch(receiver.url, { method: 'POST', headers, body })).status;
}
const bodyOf = (kind: 'act' | 'release', over = {}) => JSON.stringify(commandOf(suspension(over), kind).body);

test('suspends and releases, once for each id', async () => {
  const { receiver, commands } = await receiverAt(() => TEN);
  expect(await post(receiver, 'req-1', bodyOf('act'))).toBe(200);
  expect(await post(receiver, 'req-1', bodyOf('act'))).toBe(200);
  expect(receiver.suspended()).toEqual(['key-1']);
  expect(await post(receiver, 'req-1-release', bodyOf('release'))).toBe(200);
  expect(await post(receiver, 'req-1', bodyOf('act'))).toBe(200);
  expect(receiver.suspended()).toEqual([]);
  expect(commands.map(({ id, type, key }) => [id, type, key])).toEqual([
    ['req-1', 'key.suspend.requested', 'key-1'],
    ['req-1-release', 'key.release.requested', 'key-1'],
  ]);
});

test('a release of another suspension leaves the key suspended', async () => {
  const { receiver } = await receiverAt(() => TEN);
  await post(receiver, 'req-2', bodyOf('act', { id: 'req-2' }));
  await post(receiver, 'req-1-release', bodyOf('release'));
  expect(receiver.suspended()).toEqual(['key-1']);
});

test.each(keyActions)('takes %s, and takes it back unless it is a revocation', async (action) => {
  const { receiver, commands } = await receiverAt(() => TEN);
  expect(await post(receiver, 'req-1', bodyOf('act', { action }))).toBe(200);
  expect(receiver.standing('key-1')).toBe(action);
  expect(await post(receiver, 'req-1-release', bodyOf('release', { action }))).toBe(200);
  expect(receiver.standing('key-1')).toBe(action === 'revoke' ? 'revoke' : undefined);
  expect(commands.map(({ type }) => type)).toEqual([`key.${action}.requested`, 'key.release.requested']);
});

test('of several actions the strongest is in force, and the end of one leaves the others', async () => {
  const { receiver } = await receiverAt(() => TEN);
  await post(receiver, 'req-1', bodyOf('act', { action: 'rate-limit' }));
  await post(receiver, 'req-2', bodyOf('act', { id: 'req-2', action: 'suspend' }));
  expect([receiver.standing('key-1'), receiver.suspended()]).toEqual(['suspend', ['key-1']]);
  await post(receiver, 'req-2-release', bodyOf('release', { id: 'req-2', action: 'suspend' }));
  expect([receiver.standing('key-1'), receiver.suspended()]).toEqual(['rate-limit', []]);
});

test('leaves alone what is forged, stale, too long, or no command', async () => {
  let now = TEN;
  const { receiver, commands } = await receiverAt(() => now);
  const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  expect(await post(receiver, 'a', bodyOf('act'), other)).toBe(401);
  expect((await fetch(receiver.url, { method: 'POST', body: bodyOf('act') })).status).toBe(401);
  expect((await fetch(receiver.url)).status).toBe(405);
  expect(await post(receiver, 'a', 'x'.repeat(20_001))).toBe(413);
  for (const body of ['', 'null', '[]', '{"type":"key.suspend.requested"}', '{"type":"x","data":{"key":{"id":"k"}}}'])
    expect(await post(receiver, 'a', body)).toBe(422);
  now = TEN + 16 * MINUTE;
  expect(await post(receiver, 'a', bodyOf('act'), SECRET, now)).toBe(422);
  expect([commands, receiver.suspended()]).toEqual([[], []]);
});

/** Time may move only while no attempt is under way: virtual clock, real sockets. */
function watched(enforcer: Enforcer) {
  let underWay = 0;
  const watching: Enforcer = {
    ...enforcer,
    deliver: (command, signal) => {
      underWay += 1;
      return enforcer.deliver(command, signal).finally(() => {
        underWay -= 1;
      });
    },
  };
  const settle = async () => {
    do await turnOver();
    while (underWay > 0);
  };
  return { watching, settle };
}

const webhookTo = (url: string, clock: { now(): number }, timeoutMs = 5_000) =>
  watched(
    createWebhook({
      url,
      secrets: parseSecrets(SECRET),
      allowPrivate: ['127.0.0.1'],
      allowHttp: true,
      timeoutMs,
      clock,
      actions: keyActions,
    }),
  );

test('the whole way: requests to suspended keys and back, through a real socket', async () => {
  const { clock, lines, start } = world();
  const { receiver, commands } = await receiverAt(clock.now);
  const { watching, settle } = webhookTo(receiver.url, clock);
  const enforcement = await start({ enforcer: watching });
  await enforcement.submit(requests(3), calm);
  await clock.advance(MINUTE, settle);
  await enforcement.idle();
  expect([...receiver.suspended()].sort()).toEqual(['k-0', 'k-1', 'k-2']);
  await clock.advance(HOUR, settle);
  await enforcement.idle();
  expect(receiver.suspended()).toEqual([]);
  expect(commands).toHaveLength(6);
  expect(lines.filter(({ state }) => state === 'released')).toHaveLength(3);
  await enforcement.stop();
  await watching.close();
});

test('a server that answers 500 for an hour gets fifteen minutes of attempts and no release', async () => {
  const ids: string[] = [];
  const server = createServer((request, response) => {
    ids.push(String(request.headers['webhook-id']));
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const { clock, lines, start } = world();
  const { watching, settle } = webhookTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, clock);
  const enforcement = await start({ enforcer: watching });
  await enforcement.submit([actionRequest()], calm);
  await clock.advance(3 * HOUR, settle);
  expect(states(lines)).toEqual(['accepted', 'undelivered']);
  expect(ids).toEqual(Array(20).fill('req-1'));
  await enforcement.stop();
  await watching.close();
});

test('two processes act for a moment, each without the ledger of the other: the receiver acts once and releases once', async () => {
  const clock = createVirtualClock(TEN);
  const { receiver, commands } = await receiverAt(clock.now);
  const { watching, settle } = webhookTo(receiver.url, clock);
  const lines: Outcome[][] = [[], []];
  const start = (ledger: Outcome[]) =>
    startEnforcement({
      ...{ ledger: memoryLedger(ledger), enforcer: watching, clock, random: Math.random, config: enforceConfig() },
      ...{ notices: async () => undefined, telemetry: createNoTelemetry() },
    });
  const [first, second] = [await start(lines[0]!), await start(lines[1]!)];
  await first.submit(requests(4), calm);
  await clock.advance(7_000, settle);
  // The other one takes the same records, in other batches.
  for (const request of requests(4)) await second.submit([request], calm);
  await clock.advance(MINUTE, settle);
  expect([...receiver.suspended()].sort()).toEqual(['k-0', 'k-1', 'k-2', 'k-3']);
  await clock.advance(2 * HOUR, settle);
  expect(receiver.suspended()).toEqual([]);
  for (const ledger of lines) expect(ledger.filter(({ state }) => state === 'released')).toHaveLength(4);
  expect(commands).toHaveLength(8);
  expect(new Set(commands.map(({ id }) => id)).size).toBe(8);
  await Promise.all([first.stop(), second.stop()]);
  await watching.close();
});

/** A server that answers as told. */
async function serverOf(answer: (response: ServerResponse) => void) {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

/** One suspension through a receiver, and what became of it within three hours. */
async function through(answer: (response: ServerResponse) => void, over = {}, timeoutMs = 5_000) {
  const { clock, lines, documents, start } = world();
  const { url, asked } = await serverOf(answer);
  const { watching, settle } = webhookTo(url, clock, timeoutMs);
  const enforcement = await start({ enforcer: watching, witnessing: true, ...over });
  await enforcement.submit([actionRequest()], calm);
  await clock.advance(2 * MINUTE, settle);
  enforcement.traffic('key-1', 200, clock.now());
  enforcement.reached(0, clock.now());
  await clock.advance(3 * HOUR, settle);
  const problem = enforcement.problem();
  await enforcement.stop();
  await watching.close();
  return { asked, problem, states: states(lines), notices: documents.map(({ event }) => event.action) };
}

test('a receiver that redirects is never followed: given up, reported, and not released', async () => {
  const run = await through((response) => response.writeHead(302, { location: '/elsewhere' }).end());
  expect(new Set(run.asked)).toEqual(new Set(['/']));
  expect(run.states).toEqual(['accepted', 'undelivered']);
  expect(run.notices).toEqual(['suspension-undelivered']);
});

test('a receiver that answers 200 with garbage and does nothing is found out by the traffic of the key', async () => {
  const run = await through((response) => response.writeHead(200).end('<html>\u0000 not json'.repeat(100)));
  expect(run.states).toEqual(['accepted', 'delivered', 'ineffective', 'release-due', 'released']);
  expect(run.notices).toContain('suspension-ineffective');
});

test('a receiver that hangs is given up in its time and holds nothing else up', async () => {
  const run = await through(() => undefined, { config: enforceConfig({ notAfter: '20s' }) }, 100);
  expect(run.asked.length).toBeGreaterThan(1);
  expect(run.states).toEqual(['accepted', 'undelivered']);
  expect(run.notices).toEqual(['suspension-undelivered']);
});
