import { createNoTelemetry } from '../../src/adapters/no-telemetry';
import { createBridge } from '../../src/app/live/bridge';
import type { House } from '../../src/app/live/house';
import { configSchema } from '../../src/config';
import type { Outcome } from '../../src/domain/action';
import type { Command } from '../../src/domain/command';
import { actionRequest, MINUTE, TEN } from '../support/action-request';

function home() {
  let now = TEN;
  const warned: string[] = [];
  const passed: string[] = [];
  const telemetry = {
    ...createNoTelemetry(),
    events: (count: number) => void passed.push(`events ${count}`),
    gap: () => void passed.push('gap'),
    watermark: (partition: number, ts: number) => void passed.push(`watermark ${partition} ${ts}`),
  };
  const house = {
    config: configSchema.parse({ source: { kind: 'stdin' } }),
    clock: { now: () => now, sleep: async () => undefined },
    telemetry,
    log: { warn: (_: unknown, text: string) => void warned.push(text) },
  } as unknown as House;
  const bridge = createBridge(house);
  const pass = (ms: number) => {
    now += ms;
  };
  return { bridge, warned, passed, pass };
}
const outcome = (over: Partial<Outcome> = {}): Outcome => ({ requestId: 'req-1', state: 'held', at: TEN, ...over });

test('a gap of the source holds for a window, in every partition, and is counted', () => {
  const { bridge, passed, warned, pass } = home();
  bridge.telemetry.lag(0, 0);
  expect(bridge.quality(0)).toBeUndefined();
  bridge.telemetry.gap();
  expect([bridge.quality(0)?.rail, bridge.quality(7)?.rail]).toEqual(['data-quality', 'data-quality']);
  expect([passed, warned.length]).toEqual([['gap'], 1]);
  pass(11 * MINUTE);
  expect(bridge.quality(0)).toBeUndefined();
});

test('records that cannot be read and clocks that are wrong hold; what is counted is passed on', () => {
  const { bridge, passed } = home();
  bridge.telemetry.events(100);
  bridge.telemetry.rejected('not-json', 20);
  expect(bridge.quality(0)).toBeUndefined();
  bridge.telemetry.rejected('not-json', 10);
  expect(bridge.quality(0)?.rail).toBe('data-quality');
  expect(passed).toEqual(['events 100']);
});

test('a partition that was taken over, or given away and taken back, catches up first', () => {
  const { bridge } = home();
  bridge.telemetry.lag(2, 50_000);
  expect(bridge.quality(2)?.rail).toBe('catching-up');
  bridge.telemetry.lag(2, 10);
  bridge.telemetry.lag(2, 50_000);
  expect(bridge.quality(2)).toBeUndefined();
  bridge.telemetry.revoked(2);
  bridge.telemetry.lag(2, 50_000);
  expect(bridge.quality(2)?.rail).toBe('catching-up');
});

test('Enforce hears how far the data of each partition have got', () => {
  const { bridge } = home();
  const heard: [number, number][] = [];
  bridge.onReached((partition, ts) => void heard.push([partition, ts]));
  bridge.telemetry.watermark(1, TEN);
  expect(heard).toEqual([[1, TEN]]);
});

test('outcomes go to Detect in their order, each once, and wait where no partition takes them yet', async () => {
  const { bridge } = home();
  bridge.outcomes(outcome({ rail: 'dry-run' }), actionRequest());
  bridge.outcomes(outcome({ requestId: 'req-2', state: 'accepted', until: TEN + MINUTE }), actionRequest());
  const taken: Command[] = [];
  const take = (answer: number) => ({
    async command(command: Command) {
      taken.push(command);
      return answer;
    },
  });
  await bridge.tick(take(0));
  expect(taken.splice(0)).toHaveLength(1);
  await bridge.tick(take(1));
  await bridge.tick(take(1));
  const about = { type: 'outcome', key: 'key-1', action: 'suspend', incidentId: 'inc-1', at: TEN };
  expect(taken).toEqual([
    { ...about, requestId: 'req-1', state: 'held', rail: 'dry-run' },
    { ...about, requestId: 'req-2', state: 'accepted', until: TEN + MINUTE },
  ]);
});

test('one that cannot be made durable stays for the next time', async () => {
  const { bridge } = home();
  bridge.outcomes(outcome(), actionRequest());
  const broken = { command: () => Promise.reject(new Error('disk full')) };
  await expect(bridge.tick(broken)).rejects.toThrow('disk full');
  const taken: Command[] = [];
  await bridge.tick({ command: async (command) => taken.push(command) });
  expect(taken).toHaveLength(1);
});

test('what waits is bounded: the oldest is left out, with a warning', async () => {
  const { bridge, warned } = home();
  for (let i = 0; i <= 10_000; i++) bridge.outcomes(outcome({ requestId: `r-${i}` }), actionRequest());
  const taken: Command[] = [];
  await bridge.tick({ command: async (command) => taken.push(command) });
  expect(taken).toHaveLength(10_000);
  expect(taken[0]).toMatchObject({ requestId: 'r-1' });
  expect(warned).toHaveLength(1);
});
