import type { DeliveryResult } from '../../src/ports';
import { actionRequest, HOUR, MINUTE, TEN } from '../support/action-request';
import {
  acknowledged,
  calm,
  enforceConfig,
  hang,
  memoryLedger,
  refused,
  requests,
  states,
  titles,
  types,
  world,
} from '../support/enforcement';
import { turnOver } from '../support/virtual-clock';

test('a request is durable when submit resolves, delivered at once, released at its end, and both are told', async () => {
  const { clock, lines, documents, attempts, start } = world();
  const enforcement = await start();
  const submitted = enforcement.submit([actionRequest()], calm);
  await submitted;
  expect(states(lines)).toEqual(['accepted']);
  await clock.advance(0);
  expect(types(attempts)).toEqual(['key.suspend.requested']);
  expect(enforcement.standing('key-1').state).toBe('suspended');
  await enforcement.idle();

  await clock.advance(HOUR - 1);
  expect(attempts).toHaveLength(1);
  await clock.advance(1);
  expect(attempts[1]).toMatchObject({
    at: TEN + HOUR,
    command: { id: 'req-1-release', type: 'key.release.requested' },
  });
  expect(states(lines)).toEqual(['accepted', 'delivered', 'release-due', 'released']);
  expect(titles(documents)).toEqual(['Key suspended', 'Key released']);
  expect(enforcement.standing('key-1').state).toBe('cooling');
  await enforcement.stop();
});

test('the same request again does nothing, also after a restart', async () => {
  const { clock, lines, documents, attempts, start } = world();
  const first = await start();
  await first.submit([actionRequest(), actionRequest()], calm);
  await clock.advance(MINUTE);
  await first.submit([actionRequest()], calm);
  await first.stop();
  const second = await start();
  await second.submit([actionRequest()], calm);
  await clock.advance(MINUTE);
  await second.stop();
  expect(attempts).toHaveLength(1);
  expect(states(lines)).toEqual(['accepted', 'delivered']);
  expect(documents).toHaveLength(1);
});

describe('dry run', () => {
  test('sends nothing at all, and says of each request what would have been done', async () => {
    const { clock, lines, documents, attempts, start } = world();
    const enforcement = await start({ config: enforceConfig({ mode: 'dry-run' }) });
    await enforcement.submit(requests(20), calm);
    await clock.advance(30 * HOUR);
    await enforcement.idle();
    await enforcement.stop();
    expect(attempts).toEqual([]);
    expect(new Set(lines.map(({ rail }) => rail))).toEqual(new Set(['dry-run']));
    expect(documents).toHaveLength(20);
    expect(documents[0]).toMatchObject({ keywatch: { mode: 'dry-run', request: { rail: 'dry-run' } } });
    expect(documents[0]!.event.reason).toContain('would be suspended');
  });

  test('needs no receiver; enforcing does', async () => {
    const { start } = world();
    const enforcement = await start({ enforcer: undefined, config: enforceConfig({ mode: 'dry-run' }) });
    await enforcement.submit([actionRequest()], calm);
    await enforcement.idle();
    await enforcement.stop();
    await expect(start({ enforcer: undefined })).rejects.toThrow('names who is to act');
  });

  test('a switch to it gives up what was not sent, and still releases what was really suspended', async () => {
    let up = true;
    const { clock, lines, attempts, start } = world(() => (up ? acknowledged : refused('HTTP 500')));
    const enforcing = await start();
    await enforcing.submit([actionRequest({ id: 'sent', key: 'a' })], calm);
    await clock.advance(0);
    up = false;
    await enforcing.submit([actionRequest({ id: 'unsent', key: 'b' })], calm);
    await clock.advance(0);
    await enforcing.stop();
    up = true;
    const before = attempts.length;
    const dry = await start({ config: enforceConfig({ mode: 'dry-run' }) });
    await clock.advance(2 * HOUR);
    await dry.stop();
    expect(attempts.slice(before).map(({ command }) => command.id)).toEqual(['sent-release']);
    expect(lines.filter(({ requestId }) => requestId === 'unsent').at(-1)).toMatchObject({ state: 'undelivered' });
  });
});

describe('breaker', () => {
  test('every key bad at once: the number allowed is delivered, and a person is called', async () => {
    const { clock, documents, attempts, start } = world();
    const enforcement = await start({ config: enforceConfig({ breaker: { count: 5, share: 1 } }) });
    await Promise.all([enforcement.submit(requests(500, 'a'), calm), enforcement.submit(requests(500, 'b'), calm)]);
    await clock.advance(30 * MINUTE);
    expect(attempts).toHaveLength(5);
    expect(titles(documents).filter((title) => title === 'Circuit breaker opened')).toHaveLength(1);
    expect(titles(documents).filter((title) => title === 'Suspension held')).toHaveLength(995);
    await enforcement.stop();
  });

  test('stays open over a restart and for days, until a person resets it', async () => {
    const { clock, lines, attempts, start } = world();
    const config = enforceConfig({ breaker: { count: 2, share: 1 } });
    const first = await start({ config });
    await first.submit(requests(3, 'a'), calm);
    await clock.advance(72 * HOUR);
    await first.stop();
    const sent = attempts.length;

    const second = await start({ config });
    const later = requests(3, 'b').map((r) => ({ ...r, decidedAt: clock.now() }));
    await second.submit(later, calm);
    await clock.advance(MINUTE);
    expect(attempts).toHaveLength(sent);
    expect(lines.slice(-3).every(({ rail }) => rail === 'breaker-count')).toBe(true);

    await second.resetBreaker('ann');
    await second.submit(
      requests(3, 'c').map((r) => ({ ...r, decidedAt: clock.now() })),
      calm,
    );
    await clock.advance(MINUTE);
    expect(attempts).toHaveLength(sent + 2);
    await second.stop();
    expect(lines.find(({ state }) => state === 'breaker-reset')).toMatchObject({ detail: 'ann' });
  });

  test('uses the active keys of all partitions for the share', async () => {
    const { clock, attempts, start } = world();
    const enforcement = await start({ config: enforceConfig({ breaker: { count: 100, share: 0.1 } }) });
    enforcement.noteActive(0, 20);
    enforcement.noteActive(1, 10);
    enforcement.noteActive(1, 20);
    await enforcement.submit(requests(10), calm);
    await clock.advance(MINUTE);
    expect(attempts).toHaveLength(4);
    await enforcement.stop();
  });
});

describe('restart', () => {
  test('resumes a delivery within notAfter, with the same bytes', async () => {
    let up = false;
    const { clock, lines, attempts, start } = world(() => (up ? acknowledged : refused('HTTP 503')));
    const first = await start();
    await first.submit([actionRequest()], calm);
    await clock.advance(MINUTE);
    await first.stop();
    up = true;
    await clock.advance(5 * MINUTE);
    const second = await start();
    await clock.advance(0);
    expect(states(lines)).toEqual(['accepted', 'delivered']);
    expect(attempts.at(-1)!.command).toEqual(attempts[0]!.command);
    await second.stop();
  });

  test('after notAfter sends nothing and reports', async () => {
    const { clock, lines, attempts, documents, start } = world((_, signal) => hang(signal));
    const first = await start();
    await first.submit([actionRequest()], calm);
    await clock.advance(0);
    const stopped = first.stop();
    await clock.advance(MINUTE);
    await stopped;
    await clock.advance(HOUR);
    const second = await start();
    await clock.advance(3 * HOUR);
    await second.stop();
    expect(attempts).toHaveLength(1);
    expect(states(lines)).toEqual(['accepted', 'undelivered']);
    expect(titles(documents)).toEqual(['Suspension not delivered']);
  });

  test('a release that fell due while nobody ran is sent at the start', async () => {
    const { clock, attempts, start } = world();
    const first = await start();
    await first.submit([actionRequest()], calm);
    await clock.advance(MINUTE);
    await first.stop();
    await clock.advance(5 * HOUR);
    const second = await start();
    await clock.advance(0);
    expect(types(attempts)).toEqual(['key.suspend.requested', 'key.release.requested']);
    await second.stop();
  });
});

describe('faults of ours', () => {
  test.each(['notices', 'ledger'] as const)(
    'submit rejects when %s fail, decides nothing, and can be repeated',
    async (which) => {
      const { clock, lines, attempts, start } = world();
      let broken = true;
      const whole = memoryLedger(lines);
      const enforcement = await start({
        ledger: {
          ...whole,
          append: (outcomes) =>
            broken && which === 'ledger' ? Promise.reject(new Error('disk full')) : whole.append(outcomes),
        },
        notices: () => (broken && which === 'notices' ? Promise.reject(new Error('disk full')) : Promise.resolve()),
      });
      const batch = [actionRequest(), actionRequest({ id: 'late', key: 'late', decidedAt: TEN - HOUR })];
      await expect(enforcement.submit(batch, calm)).rejects.toThrow('disk full');
      await clock.advance(MINUTE);
      expect([lines, attempts]).toEqual([[], []]);
      broken = false;
      await enforcement.submit(batch, calm);
      await clock.advance(MINUTE);
      expect(attempts).toHaveLength(1);
      await enforcement.stop();
    },
  );

  test('an acknowledgement that cannot be recorded is recorded later, not sent again', async () => {
    const { clock, lines, attempts, start } = world();
    let broken = false;
    const whole = memoryLedger(lines);
    const enforcement = await start({
      ledger: {
        ...whole,
        append: (outcomes) => (broken ? Promise.reject(new Error('disk full')) : whole.append(outcomes)),
      },
    });
    await enforcement.submit([actionRequest()], calm);
    broken = true;
    await clock.advance(10 * MINUTE);
    expect(enforcement.problem()).toBe('enforcement: cannot record an outcome: disk full');
    broken = false;
    await clock.advance(MINUTE + 20_000);
    expect(enforcement.problem()).toBeUndefined();
    expect(states(lines)).toEqual(['accepted', 'delivered']);
    expect(attempts).toHaveLength(1);
    await enforcement.stop();
  });
});

test('stop waits for a delivery that is under way and keeps its acknowledgement', async () => {
  let finish = (_: DeliveryResult) => {};
  const { clock, lines, start } = world(() => new Promise((resolve) => (finish = resolve)));
  const enforcement = await start();
  await enforcement.submit([actionRequest()], calm);
  await clock.advance(0);
  const stopped = enforcement.stop();
  await turnOver();
  finish(acknowledged);
  await stopped;
  expect(states(lines)).toEqual(['accepted', 'delivered']);
  expect(clock.sleepers()).toBe(0);
});
