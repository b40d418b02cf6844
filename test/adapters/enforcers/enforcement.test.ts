import { startEnforcement } from '../../../src/adapters/enforcement';
import { createUnkey } from '../../../src/adapters/enforcers/unkey';
import { createNoTelemetry } from '../../../src/adapters/no-telemetry';
import type { Outcome } from '../../../src/domain/action';
import type { Clock } from '../../../src/ports';
import { actionRequest } from '../../support/action-request';
import { calm, enforceConfig, memoryLedger, states } from '../../support/enforcement';
import { nearby, type Vendor, vendor } from '../../support/vendor';

const KEY = 'key_1234abcd';
const HOUR = 3_600_000;
const clock: Clock = {
  now: Date.now,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1));
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
      if (signal?.aborted) resolve();
    }),
};

let enabled: boolean;
let unkey: Vendor;
const ending: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  enabled = true;
  unkey = await vendor(({ path, body }) => {
    if (path === '/v2/keys.updateKey') enabled = JSON.parse(body).enabled;
    return { status: 200, body: { data: { enabled } } };
  });
});
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
  await unkey.close();
});

/** An enforcement over a ledger that outlives it. */
async function start(lines: Outcome[]) {
  const enforcer = createUnkey({ ...nearby, url: unkey.url, rootKey: 'root' });
  const enforcement = await startEnforcement({
    ledger: memoryLedger(lines),
    enforcer,
    clock,
    random: () => 0.5,
    config: enforceConfig({ keyCooldown: '0s' }),
    asked: ['suspend'],
    notices: async () => undefined,
    telemetry: createNoTelemetry(),
  });
  ending.push(
    () => enforcement.stop(),
    () => enforcer.close(),
  );
  return enforcement;
}

const request = (over = {}) => actionRequest({ key: KEY, keyKind: 'credential', decidedAt: Date.now(), ...over });
const release = { key: KEY, by: 'anna', reason: 'it was us' };

test('a key is suspended, renewed by a person after a restart, and released', async () => {
  const lines: Outcome[] = [];
  const first = await start(lines);
  await first.submit([request()], calm);
  await first.idle();
  expect(enabled).toBe(false);
  await first.stop();

  const second = await start(lines);
  expect(await second.suspend({ key: KEY, by: 'anna', reason: 'x', durationMs: HOUR })).toMatchObject({ ok: true });
  await second.idle();
  expect(states(lines)).not.toContain('undelivered');
  expect(enabled).toBe(false);

  await second.release(release);
  await second.idle();
  expect(enabled).toBe(true);
});

test('a key that its owner turned off stays off, whatever the thief who goes on with it brings about', async () => {
  enabled = false;
  const lines: Outcome[] = [];
  const enforcement = await start(lines);
  await enforcement.submit([request()], calm);
  await enforcement.idle();
  expect(states(lines)).toEqual(['accepted', 'undelivered']);
  await enforcement.release(release);
  await enforcement.idle();
  expect(enabled).toBe(false);
});

test('a suspension whose answer was lost is ours at the next attempt, and is released', async () => {
  let lost = false;
  unkey.instead = ({ path, body }) => {
    if (path !== '/v2/keys.updateKey' || lost) return undefined;
    lost = true;
    enabled = JSON.parse(body).enabled;
    return { status: 502 };
  };
  const lines: Outcome[] = [];
  const enforcement = await start(lines);
  await enforcement.submit([request()], calm);
  await enforcement.idle();
  expect(states(lines)).toEqual(['accepted', 'delivered']);
  await enforcement.release(release);
  await enforcement.idle();
  expect(enabled).toBe(true);
});

test('a keyed hash of keywatch is held: it is no id of the vendor', async () => {
  const lines: Outcome[] = [];
  const enforcement = await start(lines);
  await enforcement.submit([request({ keyKind: 'hash' })], calm);
  expect(lines).toMatchObject([{ state: 'held', rail: 'not-allowed' }]);
  expect(unkey.seen).toEqual([]);
});
