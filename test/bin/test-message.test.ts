import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Webhook } from 'standardwebhooks';
import { startReceiver } from '../../src/adapters/receiver';
import { main } from '../../src/bin/main';
import { meaningOf } from '../../src/bin/test-message';
import { alertDocument } from '../../src/domain/alert';
import type { CommandContext } from '../../src/options';
import { temporaryDirectories } from '../support/files';
import { httpReceiver, type Received } from '../support/http-receiver';

const directory = temporaryDirectories();
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const keywatch = async (...argv: string[]) => {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const terminal = { out, err, outIsTty: false, errIsTty: false, colour: { out: false, err: false }, width: 80 };
  const context: CommandContext = { terminal, stop: new AbortController().signal, version: '0.0.0' };
  const code = await main(argv, context);
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, out: text(out), err: text(err) };
};

async function configuration(more: string) {
  const dir = await directory();
  writeFileSync(join(dir, 'secret'), SECRET, { mode: 0o600 });
  const path = join(dir, 'k.yaml');
  writeFileSync(path, `source: { kind: stdin }\nstate: { dir: ${dir}/state }\n${more.replaceAll('DIR', dir)}\n`);
  return { path, dir };
}

describe('keywatch test-alert', () => {
  test('every output gets a marked document; one that fails ends with 1 and does not keep it from the others', async () => {
    const { path, dir } = await configuration(
      'alerts: [{ kind: file, path: DIR/a.ndjson, minSeverity: critical }, { kind: webhook, url: "http://127.0.0.1:1/x", allowHttp: true, allowPrivate: ["127.0.0.1"] }]',
    );
    const { code, out } = await keywatch('test-alert', '-c', path, '--kind', 'alert', '--severity', 'medium');
    expect(code).toBe(1);
    expect(out).toMatch(/^ok {6}alerts\[0\] file:.*a\.ndjson: taken; its minSeverity or kinds would keep/);
    expect(out).toMatch(/\nFAILED {2}alerts\[1\] webhook:127\.0\.0\.1:1/);
    const document = JSON.parse(readFileSync(join(dir, 'a.ndjson'), 'utf8'));
    expect(alertDocument.parse(document)).toMatchObject({
      message: expect.stringMatching(/^TEST/),
      event: { kind: 'alert', severity: 47 },
      keywatch: { test: true },
    });
    expect(document.user).toBeUndefined();
    expect(existsSync(join(dir, 'state'))).toBe(false);
    expect((await keywatch('test-alert', '-c', path, '--severity', 'loud')).code).toBe(64);
  });

  test('a line that a running process has begun is not cut off', async () => {
    const { path, dir } = await configuration('alerts: [{ kind: file, path: DIR/a.ndjson }]');
    writeFileSync(join(dir, 'a.ndjson'), '{"@timestamp":"2026');
    const { code, out } = await keywatch('test-alert', '-c', path);
    expect([code, out]).toEqual([1, expect.stringContaining('unfinished line')]);
    expect(readFileSync(join(dir, 'a.ndjson'), 'utf8')).toBe('{"@timestamp":"2026');
  });
});

describe('keywatch test-webhook', () => {
  const webhook = (url: string) =>
    `enforce: { webhook: { url: "${url}", secretFrom: "file:DIR/secret", allowHttp: true, allowPrivate: ["127.0.0.1"], timeout: 1s } }`;

  test('the message is signed, marked, and acted on by no receiver that keeps to the page', async () => {
    const got: Received[] = [];
    const receiver = await httpReceiver((request) => {
      got.push(request);
      return { status: 204 };
    });
    const { path, dir } = await configuration(webhook(receiver.url));
    const { code, out } = await keywatch('test-webhook', '-c', path, '--key', 'k_1');
    await receiver.close();
    expect([code, out]).toEqual([0, expect.stringMatching(/^ok {6}webhook: HTTP 204 \(\d+ ms\)\n$/)]);
    const body = new Webhook(SECRET).verify(got[0].body, got[0].headers as Record<string, string>);
    expect(body).toMatchObject({
      type: 'keywatch.test',
      data: { mode: 'test', key: { id: 'k_1' }, action: { name: 'none' } },
    });
    expect(existsSync(join(dir, 'state'))).toBe(false);

    const ours = await startReceiver({ secret: SECRET });
    const second = await configuration(webhook(ours.url));
    expect((await keywatch('test-webhook', '-c', second.path, '--key', 'k_1')).code).toBe(0);
    expect(ours.suspended()).toEqual([]);
    await ours.close();
  });

  test('a wrong answer is told with what it means', async () => {
    const receiver = await httpReceiver(() => ({ status: 401 }));
    const { path } = await configuration(webhook(receiver.url));
    const { code, out } = await keywatch('test-webhook', '-c', path);
    await receiver.close();
    expect([code, out]).toEqual([1, expect.stringMatching(/^FAILED {2}webhook: HTTP 401 .*\n {8}.*signature/)]);
    const { path: bare } = await configuration('');
    expect(await keywatch('test-webhook', '-c', bare)).toMatchObject({
      code: 1,
      err: expect.stringContaining('enforce.webhook is not configured'),
    });
  });

  test.each([
    ['HTTP 307, redirects are not followed', /redirects/],
    ['HTTP 404', /whole address/],
    ['HTTP 410', /gone/],
    ['HTTP 422', /keywatch\.test/],
    ['HTTP 503', /own log/],
    ['timeout', /timeout/],
    ['no answer (ECONNREFUSED)', /not reached/],
  ])('%s', (detail, meaning) => {
    expect(meaningOf({ ok: false, detail })).toMatch(meaning);
  });
});
