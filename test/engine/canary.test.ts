import type { AlertDocument } from '../../src/domain/alert';
import type { Engine } from '../../src/engine';
import { CANARY_STEP_MS } from '../../src/engine/canary';
import { DAY, entriesOf, steadyFleet, T0, testEngine } from '../support/events';

const KEY = 'keywatch-canary';

/** Lets a fleet and the canary live for so many days, with a theft a day; answers what was told. */
function live(
  engine: Engine,
  days: number,
  options: { readonly tell?: boolean; readonly keys?: number; readonly from?: number } = {},
) {
  const { tell = true, keys = 12, from = 0 } = options;
  const events = entriesOf(steadyFleet(keys, days));
  const told: AlertDocument[] = [];
  const requests: string[] = [];
  let at = 0;
  for (let to = T0 + from * DAY + CANARY_STEP_MS; to <= T0 + days * DAY; to += CANARY_STEP_MS) {
    const begin = at;
    while (at < events.length && (events[at] as { event: { ts: number } }).event.ts <= to) at += 1;
    const { until, theftAt } = engine.canary.view(KEY);
    const theft = until > 0 && to - theftAt >= DAY;
    const out = engine.advance([
      ...events.slice(begin, at),
      { kind: 'command', command: { type: 'canary', key: KEY, partition: 0, to, theft, tell } },
    ]);
    told.push(...out.alerts);
    requests.push(...out.requests.map(({ key }) => key));
  }
  return { told, requests };
}

const results = (told: readonly AlertDocument[]) =>
  told.flatMap(({ event }) => (event.action?.startsWith('canary-') ? [event.action] : []));

test('with the real detectors every theft is caught once its past has settled, for a month, and the customers hear nothing of it', () => {
  const engine = testEngine();
  const { told, requests } = live(engine, 30);
  const all = results(told);
  expect(all).toHaveLength(29);
  expect(all.slice(3)).toEqual(Array(26).fill('canary-caught'));
  expect(all).not.toContain('canary-missed');
  expect(engine.canary.view(KEY).missed).toBe(false);
  expect(requests).not.toContain(KEY);
  const about = told.filter((document) => JSON.stringify(document).includes('canary'));
  expect(
    about.every(({ event, user, keywatch }) => event.kind === 'event' && user === undefined && keywatch.canary),
  ).toBe(true);
  expect(about.some(({ message }) => message.startsWith('Canary: '))).toBe(true);
  expect(new Set(told.map(({ event }) => event.id)).size).toBe(told.length);
  // Nothing of it stays open, to be told of later as if it were a customer's.
  expect(engine.openIncidents).toBe(0);
});

test('with no detector the alarm comes as soon as a miss means something, and before that it is no alarm', () => {
  const engine = testEngine({ detectors: [] });
  const { told } = live(engine, 7);
  expect(results(told)).toEqual([
    'canary-unsettled',
    'canary-unsettled',
    'canary-missed',
    'canary-missed',
    'canary-missed',
    'canary-missed',
  ]);
  const alarm = told.find(({ event }) => event.action === 'canary-missed')!;
  expect(alarm.event).toMatchObject({ severity: 99, kind: 'event', outcome: 'failure' });
  expect(engine.canary.view(KEY).missed).toBe(true);
});

test('a restart in between goes on, a command taken twice does nothing, and told less is told nothing of the alerts', () => {
  const engine = testEngine();
  live(engine, 5, { tell: false });
  const again = testEngine();
  again.restore(engine.checkpoint());
  const { until } = again.canary.view(KEY);
  const command = { type: 'canary', key: KEY, partition: 0, to: until + DAY, theft: true, tell: false } as const;
  const entry = { kind: 'command', command } as const;
  const [first, second] = [again.advance([entry]), again.advance([entry])];
  expect(results(first.alerts)).toEqual(['canary-caught']);
  expect(first.alerts).toHaveLength(1);
  expect(second.alerts).toEqual([]);
  const whole = engine.advance([entry]);
  expect(whole.alerts).toEqual(first.alerts);
  expect(Buffer.from(again.checkpoint()).equals(Buffer.from(engine.checkpoint()))).toBe(true);
  // Of another partition, and another key: it begins anew.
  expect(
    again.advance([{ kind: 'command', command: { ...command, partition: 1, to: until + 2 * DAY } }]).alerts,
  ).toEqual([]);
  expect(again.canary.view('other')).toEqual({ until: 0, theftAt: 0, missed: false });
});

test('one theft does not hide the next', () => {
  const [with1, without] = [testEngine(), testEngine()];
  for (const engine of [with1, without]) live(engine, 5);
  const { until } = with1.canary.view(KEY);
  const command = { type: 'canary', key: KEY, partition: 0, to: until + CANARY_STEP_MS, tell: false } as const;
  with1.advance([{ kind: 'command', command: { ...command, theft: true } }]);
  without.advance([{ kind: 'command', command: { ...command, theft: false } }]);
  for (const engine of [with1, without]) {
    const { alerts } = engine.advance([{ kind: 'command', command: { ...command, to: until + DAY, theft: true } }]);
    expect(results(alerts)).toEqual(['canary-caught']);
  }
});
