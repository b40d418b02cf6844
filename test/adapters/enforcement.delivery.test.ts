import type { Enforcer } from '../../src/ports';
import { actionRequest, HOUR, MINUTE, TEN } from '../support/action-request';
import { acknowledged, calm, hang, refused, requests, states, titles, world } from '../support/enforcement';

describe('a receiver in trouble', () => {
  test('500 for an hour: tried for fifteen minutes in growing steps, then reported; no release follows', async () => {
    const { clock, lines, documents, attempts, start } = world(() => refused('HTTP 500'));
    const enforcement = await start();
    await enforcement.submit([actionRequest()], calm);
    await clock.advance(MINUTE);
    expect(enforcement.problem()).toBe('scripted: HTTP 500');
    expect(attempts.map(({ at }) => (at - TEN) / 1_000)).toEqual([0, 1, 3, 8, 18, 48]);
    await clock.advance(2 * HOUR);
    expect(attempts.length).toBe(20);
    expect(attempts.every(({ at }) => at < TEN + 15 * MINUTE)).toBe(true);
    expect(new Set(attempts.map(({ command }) => JSON.stringify(command)))).toHaveProperty('size', 1);
    expect(states(lines)).toEqual(['accepted', 'undelivered']);
    expect(titles(documents)).toEqual(['Suspension not delivered']);
    expect(enforcement.problem()).toBeUndefined();
    await enforcement.stop();
  });

  test('an attempt after a failed one is told that the key may be as it is because of it', async () => {
    const told: (boolean | undefined)[] = [];
    const { clock, enforcer, start } = world();
    const flaky: Enforcer = {
      ...enforcer,
      deliver: async (_command, _signal, ours) => (told.push(ours) < 3 ? refused('timeout') : acknowledged),
    };
    const enforcement = await start({ enforcer: flaky });
    await enforcement.submit([actionRequest()], calm);
    await clock.advance(MINUTE);
    expect(told).toEqual([false, true, true]);
    // A person renews it while it holds.
    await enforcement.suspend({ key: actionRequest().key, by: 'anna', reason: 'x', durationMs: HOUR });
    await clock.advance(MINUTE);
    expect(told).toEqual([false, true, true, true]);
    await enforcement.stop();
  });

  test('back after a while: delivered once, and all is well', async () => {
    const { clock, lines, attempts, start } = world(() =>
      clock.now() < TEN + 5 * MINUTE ? refused('x') : acknowledged,
    );
    const enforcement = await start();
    await enforcement.submit([actionRequest()], calm);
    await clock.advance(20 * MINUTE);
    expect(states(lines)).toEqual(['accepted', 'delivered']);
    expect(attempts.at(-1)!.at).toBeLessThanOrEqual(TEN + 6 * MINUTE);
    await enforcement.stop();
  });

  test('hanging: the attempt is aborted at notAfter and reported', async () => {
    const { clock, lines, attempts, start } = world((_, signal) => hang(signal));
    const enforcement = await start();
    await enforcement.submit([actionRequest()], calm);
    await clock.advance(15 * MINUTE - 1);
    expect(states(lines)).toEqual(['accepted']);
    await clock.advance(1);
    expect(states(lines)).toEqual(['accepted', 'undelivered']);
    expect(attempts).toHaveLength(1);
    await enforcement.stop();
  });

  test('at most four deliveries at once, and a few hanging ones do not starve the others', async () => {
    let now = 0;
    let most = 0;
    const { clock, lines, start } = world(async (command, signal) => {
      now += 1;
      most = Math.max(most, now);
      // Keys 0 to 7 get no answer; an attempt lasts 15 s, as the webhook's does.
      const slow = /^r-[0-7]$/.test(command.id);
      await clock.sleep(slow ? 15_000 : 0, signal);
      now -= 1;
      return slow ? refused('timeout') : acknowledged;
    });
    const enforcement = await start();
    await enforcement.submit(requests(30), calm);
    await clock.advance(MINUTE);
    expect(most).toBe(4);
    expect(lines.filter(({ state }) => state === 'delivered')).toHaveLength(22);
    const stopped = enforcement.stop();
    await clock.advance(10_000);
    await stopped;
  });

  test('429 with Retry-After is waited for', async () => {
    const { clock, attempts, start } = world(() => refused('HTTP 429', { retryAfterMs: 120_000 }));
    const enforcement = await start();
    await enforcement.submit([actionRequest()], calm);
    await clock.advance(5 * MINUTE);
    expect(attempts.map(({ at }) => (at - TEN) / 1_000)).toEqual([0, 120, 240]);
    await enforcement.stop();
  });

  test('410: a suspension is given up and reported at once', async () => {
    const { clock, lines, documents, attempts, start } = world(() => refused('HTTP 410', { permanent: true }));
    const enforcement = await start();
    await enforcement.submit([actionRequest()], calm);
    await clock.advance(HOUR);
    expect(attempts).toHaveLength(1);
    expect(lines.at(-1)).toMatchObject({ state: 'undelivered', detail: 'HTTP 410, attempt 1' });
    expect(titles(documents)).toEqual(['Suspension not delivered']);
    await enforcement.stop();
  });

  test('a release is tried for a day, whatever the answer, then reported; overdue it is a problem', async () => {
    const { clock, lines, documents, attempts, start } = world((command) =>
      command.type === 'key.suspend.requested' ? acknowledged : refused('HTTP 410', { permanent: true }),
    );
    const enforcement = await start();
    await enforcement.submit([actionRequest()], calm);
    await clock.advance(2 * HOUR);
    expect(enforcement.problem()).toBe('enforcement: 1 releases are overdue');
    await clock.advance(22 * HOUR);
    expect(states(lines)).toEqual(['accepted', 'delivered', 'release-due']);
    await clock.advance(HOUR);
    expect(states(lines).at(-1)).toBe('release-undelivered');
    expect(titles(documents)).toEqual(['Key suspended', 'Release not delivered']);
    expect(attempts.length).toBeLessThan(320);
    await enforcement.stop();
  });
});
