import { Webhook } from 'standardwebhooks';
import { createWebhookSink, type WebhookSinkOptions } from '../../../src/adapters/http-output/webhook-sink';
import { createPoster } from '../../../src/adapters/http-post';
import { RetryLater } from '../../../src/adapters/retry-later';
import { ocsfFinding } from '../../../src/adapters/siem/ocsf';
import { guardedConnector } from '../../../src/adapters/webhook/address-guard';
import { addressRules } from '../../../src/adapters/webhook/address-rules';
import { parseSecrets } from '../../../src/adapters/webhook/sign';
import { alertSinkContract } from '../../contracts/alert-sink';
import { alertDocument } from '../../support/alerts';
import { httpReceiver, type Received, type Reply } from '../../support/http-receiver';
import { openedAlert, suspendedNotice } from '../../support/siem-alerts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const closing: (() => Promise<void>)[] = [];
const rejected: [id: string, reason: string][] = [];
beforeEach(() => {
  rejected.length = 0;
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function sinkAt(url: string, over: Partial<WebhookSinkOptions> & { allowPrivate?: string[] } = {}) {
  const { allowPrivate = ['127.0.0.0/8'], ...rest } = over;
  const connect = guardedConnector(addressRules(allowPrivate), 5_000, undefined, 'alerts[] (webhook).allowPrivate');
  const sink = createWebhookSink({
    name: 'webhook:test',
    poster: createPoster({ url, connect, timeoutMs: 5_000, now: Date.now }),
    format: 'ecs',
    source: 'keywatch',
    token: undefined,
    secrets: [],
    clock: { now: Date.now },
    onReject: async (_, document, reason) => void rejected.push([document.event.id, reason]),
    ...rest,
  });
  closing.push(sink.close);
  return sink;
}

async function receiver(answer: (request: Received) => Reply | 'hang' = () => ({ status: 204 })) {
  const requests: Received[] = [];
  const made = await httpReceiver((request) => {
    requests.push(request);
    return answer(request);
  });
  closing.push(made.close);
  return { url: made.url, requests, bodies: () => requests.map(({ body }) => JSON.parse(body)) };
}

describe('contract', () => {
  alertSinkContract(
    async () => {
      const taken: unknown[] = [];
      let room: number | undefined;
      const made = await httpReceiver(({ body }) => {
        if (room !== undefined && room-- <= 0) return { status: 503 };
        taken.push(JSON.parse(body));
        return { status: 202 };
      });
      return {
        create: async () => sinkAt(made.url),
        received: async () => taken,
        fail: async (after) => {
          room = after;
        },
        close: made.close,
      };
    },
    { fails: true },
  );
});

it('posts a CloudEvent in binary mode, one a document', async () => {
  const { url, requests } = await receiver();
  await sinkAt(`${url}/in?x=1`, { source: 'urn:keywatch:eu', token: 'bearer-1' }).write([openedAlert, suspendedNotice]);
  expect(requests.map(({ path }) => path)).toEqual(['/in?x=1', '/in?x=1']);
  expect(requests[0]!.headers).toMatchObject({
    'content-type': 'application/json',
    authorization: 'Bearer bearer-1',
    'ce-specversion': '1.0',
    'ce-id': 'al-5f0c',
    'ce-source': 'urn:keywatch:eu',
    'ce-type': 'keywatch.alert.opened',
    'ce-subject': 'key-123',
    'ce-time': openedAlert['@timestamp'],
  });
  expect(requests[0]!.headers).not.toHaveProperty('webhook-signature');
  expect(requests[1]!.headers['ce-type']).toBe('keywatch.notice.key-suspended');
});

it('writes OCSF where that is asked for', async () => {
  const { url, bodies } = await receiver();
  await sinkAt(url, { format: 'ocsf' }).write([openedAlert]);
  expect(bodies()).toEqual([JSON.parse(JSON.stringify(ocsfFinding(openedAlert)))]);
});

it('signs what an independent implementation verifies, also where the id has a dot', async () => {
  const { url, requests } = await receiver();
  const dotted = alertDocument({ id: 'a.b c' });
  await sinkAt(url, { secrets: parseSecrets(SECRET) }).write([openedAlert, dotted]);
  const verified = requests.map(({ body, headers }) =>
    new Webhook(SECRET).verify(body, headers as Record<string, string>),
  );
  expect(verified).toEqual([openedAlert, dotted]);
  expect(requests[0]!.headers['webhook-id']).toBe('al-5f0c');
  expect(requests[1]!.headers['webhook-id']).toMatch(/^[0-9a-f]{64}$/);
});

it.each([400, 413, 422])(
  'sets a document aside that is answered with %i, and goes on with the next',
  async (status) => {
    const { url, bodies } = await receiver(({ body }) => ({ status: body.includes('"id":"bad"') ? status : 200 }));
    await sinkAt(url).write(['1', 'bad', '2'].map((id) => alertDocument({ id })));
    expect(bodies()).toHaveLength(3);
    expect(rejected).toEqual([['bad', `HTTP ${status}`]]);
  },
);

it.each([301, 401, 403, 404, 410, 429, 500, 503])('tries again after %i, and sets nothing aside', async (status) => {
  let now = status;
  const { url, requests } = await receiver(() => ({ status: now, headers: { location: 'http://127.0.0.1:1/' } }));
  const sink = sinkAt(url);
  await expect(sink.write([openedAlert])).rejects.toThrow(`HTTP ${status}`);
  now = 200;
  await sink.write([openedAlert]);
  expect([requests.length, rejected]).toEqual([2, []]);
});

it('passes on when the receiver asks for time', async () => {
  const { url } = await receiver(() => ({ status: 429, headers: { 'retry-after': '30' } }));
  const error = await sinkAt(url)
    .write([openedAlert])
    .catch((fault) => fault);
  expect([error instanceof RetryLater, error.retryAfterMs]).toEqual([true, 30_000]);
});

it('reaches no private address that is not named, and says where to name it', async () => {
  const { url, requests } = await receiver();
  const error = await sinkAt(url, { allowPrivate: [] })
    .write([openedAlert])
    .catch((fault) => fault);
  expect(error.message).toContain('alerts[] (webhook).allowPrivate does not name');
  expect(error.message).not.toContain('127.0.0.1');
  expect(requests).toEqual([]);
});

it('does not count a document as delivered that could not be set aside', async () => {
  const { url, requests } = await receiver(() => ({ status: 400 }));
  const sink = sinkAt(url, { onReject: () => Promise.reject(new Error('disk full')) });
  await expect(sink.write([openedAlert])).rejects.toThrow('disk full');
  await expect(sink.write([openedAlert])).rejects.toThrow('disk full');
  expect(requests).toHaveLength(2);
});
