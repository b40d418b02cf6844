import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseSecrets } from '../src/adapters/webhook/sign';
import { createWebhook } from '../src/adapters/webhook/webhook';
import { testCommand } from '../src/app/test-message';
import { commandOf } from '../src/enforce/command';
import type { LiveAction } from '../src/enforce/state';
import type { EnforcementCommand } from '../src/ports';
import { actionRequest, HOUR, MINUTE } from './support/action-request';
import { temporaryDirectories } from './support/files';
import { blocksOf } from './support/markdown';

const root = join(__dirname, '..');
const blocks = blocksOf(readFileSync(join(root, 'docs', 'webhook.md'), 'utf8'));
const now = Date.now();

const suspension: LiveAction = {
  request: actionRequest(),
  stage: 'accepted',
  acceptedAt: now,
  notAfter: now + 15 * MINUTE,
  until: now + HOUR,
};
const suspend = commandOf(suspension, 'act');
const release = commandOf(suspension, 'release');

test('the bodies shown have the fields that are sent', () => {
  const pathsOf = (value: unknown, path = ''): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, `${path}.${name}`))
      : [path];
  const shown = blocks.filter(({ language }) => language === 'json').map(({ text }) => JSON.parse(text));
  const sent = [suspend.body, release.body, testCommand('keywatch-test', now).body];
  expect(shown.map((body) => body.type)).toEqual(sent.map(({ type }) => type));
  expect(shown.map((body) => pathsOf(body))).toEqual(sent.map((body) => pathsOf(body)));
});

const directory = temporaryDirectories();
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
};

test('its receiver takes what is signed, once, and refuses the rest', async () => {
  const code = blocks.find(({ language, text }) => language === 'js' && /listen/.test(text));
  const port = await freePort();
  const file = join(await directory(), 'receiver.js');
  await writeFile(file, (code?.text ?? '').replace('8099', String(port)));
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const receiver = spawn(process.execPath, [file], {
    env: { ...process.env, NODE_PATH: join(root, 'node_modules'), KEYWATCH_WEBHOOK_SECRET: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(receiver, 'close');
  let printed = '';
  receiver.stdout.on('data', (data) => {
    printed += data;
  });
  const senderOf = (key: string) =>
    createWebhook({
      url: `http://127.0.0.1:${port}/`,
      secrets: parseSecrets(key),
      allowPrivate: ['127.0.0.1'],
      allowHttp: true,
      timeoutMs: 5_000,
      clock: { now: Date.now },
    });
  const ours = senderOf(secret);
  const stranger = senderOf(`whsec_${randomBytes(32).toString('base64')}`);
  const send = async (from: typeof ours, command: EnforcementCommand) =>
    (await from.deliver(command, new AbortController().signal)).detail;
  try {
    for (let tries = 0; tries < 200 && /ECONNREFUSED/.test(await send(stranger, suspend)); tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await send(stranger, suspend)).toBe('HTTP 401');
    for (const command of [suspend, suspend, release]) expect(await send(ours, command)).toBe('HTTP 200');
    const late = commandOf({ ...suspension, notAfter: now - 1, request: actionRequest({ id: 'late' }) }, 'act');
    expect(await send(ours, late)).toBe('HTTP 410');
  } finally {
    await Promise.all([ours.close(), stranger.close()]);
    receiver.kill();
    await closed;
  }
  expect(printed.match(/suspended key-1 until/g)).toHaveLength(1);
  expect(printed).toContain('released key-1');
});
