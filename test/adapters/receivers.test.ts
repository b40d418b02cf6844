import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { buildConnector } from 'undici';
import { createChatSink } from '../../src/adapters/chat/chat-sink';
import { systemClock } from '../../src/adapters/clock';
import { createAlertFile } from '../../src/adapters/file/alert-file';
import { startCourier } from '../../src/adapters/file/courier';
import { openOutbox } from '../../src/adapters/file/outbox';
import { createWebhookSink } from '../../src/adapters/http-output/webhook-sink';
import { createPoster } from '../../src/adapters/http-post';
import { createNoTelemetry } from '../../src/adapters/no-telemetry';
import { createSplunkSink } from '../../src/adapters/splunk/hec';
import { createSyslogStreamSink } from '../../src/adapters/syslog/stream';
import type { AlertSink } from '../../src/ports';
import { alertDocument } from '../support/alerts';
import { temporaryDirectories } from '../support/files';

const directory = temporaryDirectories();
const TIMEOUT_MS = 400;

/** Takes connections and never says or reads anything. */
async function silence(): Promise<{ port: number; close(): void }> {
  const held: Socket[] = [];
  const server = createServer((socket) => {
    held.push(socket.pause());
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const close = () => {
    for (const socket of held) socket.destroy();
    server.close();
  };
  return { port, close };
}

const posterTo = (port: number) =>
  createPoster({
    url: `http://127.0.0.1:${port}`,
    connect: buildConnector({ timeout: TIMEOUT_MS }),
    timeoutMs: TIMEOUT_MS,
    now: Date.now,
  });
const onReject = async () => {};
const frame = { facility: 'local0', hostname: 'h', version: '1', maxBytes: 8_192 } as const;

const sinks: Readonly<Record<string, (port: number) => AlertSink>> = {
  splunk: (port) =>
    createSplunkSink({
      name: 'dead',
      poster: posterTo(port),
      token: 't',
      index: undefined,
      source: 's',
      sourcetype: 's',
      host: 'h',
      ack: { waitMs: TIMEOUT_MS, timeoutMs: 60_000 },
      clock: systemClock,
      onReject,
    }),
  webhook: (port) =>
    createWebhookSink({
      name: 'dead',
      poster: posterTo(port),
      format: 'ecs',
      source: 's',
      token: undefined,
      secrets: [],
      clock: systemClock,
      onReject,
    }),
  chat: (port) => createChatSink({ name: 'dead', poster: posterTo(port), style: 'slack', links: {}, onReject }),
  'syslog over TLS': (port) =>
    createSyslogStreamSink({ name: 'dead', host: '127.0.0.1', port, tls: {}, timeoutMs: TIMEOUT_MS, ...frame }),
};

describe.each(Object.keys(sinks))('%s, to a receiver that never answers', (kind) => {
  it('waits alone: appending and the other outputs go on, and a stop is not held up', async () => {
    const dead = await silence();
    const dir = await directory();
    const outbox = await openOutbox(join(dir, 'outbox'), { maxBytes: 10_000_000, sinks: ['dead', 'file'] });
    const file = createAlertFile(join(dir, 'alerts.ndjson'), 'ecs', 'file');
    const sink = sinks[kind]!(dead.port);
    const common = { outbox, clock: systemClock, telemetry: createNoTelemetry(), random: Math.random };
    const faults: string[] = [];
    const slow = startCourier({ ...common, sink, onFault: (_, error) => faults.push(String(error)) });
    const quick = startCourier({ ...common, sink: file });
    for (let i = 0; i < 500; i++) await outbox.append([alertDocument({ id: `d${i}` })]);
    expect(await quick.drained()).toBe(true);
    expect(outbox.acknowledged('dead')).toBe(0);
    while (faults.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(slow.problem()).toMatch(/^dead: (no answer in time|not connected in time)/);
    await Promise.all([slow.stop(), quick.stop()]);
    await Promise.all([sink.close(), file.close()]);
    await outbox.close();
    dead.close();
  });
});
