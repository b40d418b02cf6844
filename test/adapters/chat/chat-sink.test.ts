import { type ChatOptions, createChatSink } from '../../../src/adapters/chat/chat-sink';
import { createPoster } from '../../../src/adapters/http-post';
import { slackMessage } from '../../../src/adapters/siem/slack';
import { teamsMessage } from '../../../src/adapters/siem/teams';
import { guardedConnector } from '../../../src/adapters/webhook/address-guard';
import { alertSinkContract } from '../../contracts/alert-sink';
import { alertDocument } from '../../support/alerts';
import { httpReceiver } from '../../support/http-receiver';

const links = { incident: 'https://siem.example/{incident}' };

function sinkAt(url: string, over: Partial<ChatOptions> = {}) {
  const connect = guardedConnector(() => true, 5_000);
  return createChatSink({
    name: 'chat:test',
    poster: createPoster({ url, connect, timeoutMs: 5_000, now: Date.now }),
    style: 'slack',
    links,
    onReject: async () => {},
    ...over,
  });
}

describe.each([
  ['slack', slackMessage],
  ['teams', teamsMessage],
] as const)('chat, %s', (style, message) => {
  alertSinkContract(
    async () => {
      const taken: unknown[] = [];
      let room: number | undefined;
      const made = await httpReceiver(({ body }) => {
        if (room !== undefined && room-- <= 0) return { status: 429, headers: { 'retry-after': '1' } };
        taken.push(JSON.parse(body));
        return { status: 200, body: 'ok' };
      });
      return {
        create: async () => sinkAt(made.url, { style }),
        received: async () => taken,
        expected: (document) => JSON.parse(JSON.stringify(message(document, links))),
        fail: async (after) => {
          room = after;
        },
        close: made.close,
      };
    },
    { fails: true },
  );
});

test('a message that the service refuses is set aside; a hook that was removed is tried again', async () => {
  const rejected: unknown[] = [];
  let status = 400;
  const made = await httpReceiver(() => ({ status, body: 'invalid_blocks' }));
  const sink = sinkAt(`${made.url}/services/T0/B0/token`, {
    onReject: async (name, { event }, reason) => void rejected.push([name, event.id, reason]),
  });
  await sink.write([alertDocument({ id: 'a' })]);
  expect(rejected).toEqual([['chat:test', 'a', 'HTTP 400']]);
  status = 404;
  const error = await sink.write([alertDocument({ id: 'b' })]).catch((fault) => fault);
  expect(error.message).toBe('HTTP 404');
  await sink.close();
  await made.close();
});
