import { anEvent, DAY, entriesOf, HOUR, T0, testEngine } from '../support/events';

/** One event an hour of each key, `tenant/name`, in the days given. */
const used = (keys: readonly string[], from: number, to: number) => {
  const events = [];
  for (let ts = T0 + from * DAY; ts < T0 + to * DAY; ts += HOUR)
    for (const key of keys) events.push(anEvent({ key, tenant: key.split('/')[0], ts }));
  return events;
};
const activeIn = (engine: ReturnType<typeof testEngine>) => Object.fromEntries(engine.rows.activeTenants());

test('keys of each tenant that were active within a day; keys without a tenant count for none', () => {
  const engine = testEngine();
  engine.advance(
    entriesOf([...used(['acme/1', 'acme/2', 'acme/3', 'beta/1', '/x'], 0, 2), ...used(['acme/1', 'beta/1'], 2, 4)]),
  );
  expect(activeIn(engine)).toEqual({ acme: 1, beta: 1 });
});

test('it outlives a restart: a tenant is known again with the first event of one of its keys, with all of them', () => {
  const engine = testEngine();
  const before = used(['acme/1', 'acme/2', 'beta/1'], 0, 2);
  engine.advance(entriesOf(before));
  const next = testEngine();
  next.restore(engine.checkpoint());
  expect(activeIn(next)).toEqual({});
  const one = [anEvent({ key: 'acme/1', tenant: 'acme', ts: T0 + 2 * DAY })];
  const end = anEvent({ key: '/x', tenant: '', ts: T0 + 2 * DAY + HOUR });
  next.advance(entriesOf([...one, end], before.length));
  expect(activeIn(next)).toEqual({ acme: 2 });
});

test('a refused login changes no tenant, and an event without one leaves it', () => {
  const engine = testEngine();
  const late = { key: 'acme/1', ts: T0 + DAY + HOUR };
  engine.advance(
    entriesOf([
      ...used(['acme/1', 'acme/2'], 0, 1),
      anEvent({ ...late, tenant: 'evil', status: 401 }),
      anEvent({ ...late, tenant: '' }),
      anEvent({ key: '/x', tenant: '', ts: T0 + DAY + 2 * HOUR }),
    ]),
  );
  expect(activeIn(engine)).toEqual({ acme: 2 });
});

test('a forgotten key counts for none', () => {
  const engine = testEngine();
  engine.advance(entriesOf(used(['acme/1', 'acme/2'], 0, 2)));
  engine.advance([{ kind: 'command', command: { type: 'forget', key: 'acme/1', by: 'a person', force: false } }]);
  expect(activeIn(engine)).toEqual({ acme: 1 });
});
