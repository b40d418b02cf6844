import fc from 'fast-check';
import type { AlertDocument } from '../../src/domain/alert';
import { emptyGroups, type Groups, group, groupOfRequest, noteGrouped } from '../../src/enforce/groups';
import { actionRequest, HOUR, TEN } from '../support/action-request';
import { alertDocument } from '../support/alerts';

const WINDOW = 6 * HOUR;
const alertOn = (key: string, over: { readonly actor?: string; readonly severity?: 47 | 73 | 99; n?: number } = {}) => {
  const { actor = 'a-1', severity = 73, n = 0 } = over;
  return alertDocument({
    id: `alert-${actor}-${key}-${n}`,
    severity,
    user: { id: key, name: key },
    keywatch: { actor, incident: { id: `inc-${actor}-${key}` } } as unknown as AlertDocument['keywatch'],
  });
};
/** Tells documents one after the other; answers what went out, as `key:kind` or `group N:kind`. */
function telling(documents: readonly AlertDocument[], before = emptyGroups, at = TEN) {
  let groups: Groups = before;
  const out: AlertDocument[] = [];
  for (const [i, document] of documents.entries()) {
    const told = group(groups, [document], at + i * 1_000, WINDOW);
    groups = told.groups;
    out.push(...told.documents);
  }
  return { groups, out, said: out.map(nameOf) };
}
const nameOf = ({ event, user, keywatch }: AlertDocument) =>
  `${event.action === 'actor-on-several-keys' ? `group ${keywatch.group?.keys}` : user?.id}:${event.kind}`;

test('the first alert goes out as it is, the second key makes the group, a third one is quiet', () => {
  const first = alertOn('k1');
  const { out, said } = telling([first, alertOn('k2'), alertOn('k3')]);
  expect(out[0]).toEqual(first);
  expect(said).toEqual(['k1:alert', 'group 2:alert', 'k2:event', 'k3:event']);
  expect(out[1].related?.user).toEqual(['k1', 'k2']);
  expect(out[3].keywatch.group?.alert).toBe(first.event.id);
});

test('an update at four, eight and sixteen keys', () => {
  const { said } = telling(Array.from({ length: 20 }, (_, i) => alertOn(`k${i}`)));
  expect(said.filter((name) => name.startsWith('group'))).toEqual([
    'group 2:alert',
    'group 4:event',
    'group 8:event',
    'group 16:event',
  ]);
});

test('an alert worse than all before it interrupts people all the same', () => {
  const { said } = telling([alertOn('k1'), alertOn('k2'), alertOn('k3', { severity: 99 })]);
  expect(said.at(-1)).toBe('k3:alert');
});

test('actors are apart, and so are alerts with more than the window between them', () => {
  expect(telling([alertOn('k1'), alertOn('k2', { actor: 'a-2' })]).said).toEqual(['k1:alert', 'k2:alert']);
  const { groups } = telling([alertOn('k1')]);
  expect(telling([alertOn('k2')], groups, TEN + WINDOW).said).toEqual(['k2:alert']);
});

test('what is no alert of a key passes', () => {
  const others = [
    alertDocument({ kind: 'event' }),
    alertDocument({ user: undefined }),
    alertDocument({ keywatch: { actor: 'a-1' } }),
  ];
  expect(telling(others).out).toEqual(others);
});

test('a request is told how many keys its actor has, itself included, while the group lasts', () => {
  const { groups } = telling([alertOn('k1'), alertOn('k2')]);
  const about = actionRequest({ key: 'k1', actor: 'a-1' });
  expect(groupOfRequest(groups, about, TEN + HOUR, WINDOW)?.keys).toBe(2);
  expect(groupOfRequest(groups, { ...about, key: 'k3' }, TEN + HOUR, WINDOW)?.keys).toBe(3);
  expect(groupOfRequest(groups, about, TEN + 2 * WINDOW, WINDOW)).toBeUndefined();
  expect(groupOfRequest(groups, { ...about, actor: undefined }, TEN, WINDOW)).toBeUndefined();
});

const some = fc.array(
  fc.record({ key: fc.integer({ min: 1, max: 6 }), actor: fc.constantFrom('a-1', 'a-2'), n: fc.nat(2) }),
  { maxLength: 30 },
);

test('law: nothing told is lost, and each actor with several keys is told of loudly once', () => {
  fc.assert(
    fc.property(some, (alerts) => {
      const documents = alerts.map(({ key, actor, n }) => alertOn(`k${key}`, { actor, n }));
      const { out } = telling(documents);
      const own = out.filter(({ event }) => event.action !== 'actor-on-several-keys');
      expect(own.map(({ event }) => event.id)).toEqual(documents.map(({ event }) => event.id));
      const loud = out.filter(({ event }) => event.action === 'actor-on-several-keys' && event.kind === 'alert');
      const severalKeys = ['a-1', 'a-2'].filter(
        (name) => new Set(alerts.filter(({ actor }) => actor === name).map(({ key }) => key)).size > 1,
      );
      // An alert that comes again brings its group's document again, with the same id.
      expect(new Set(loud.map(({ event }) => event.id)).size).toBe(severalKeys.length);
    }),
  );
});

test('law: the groups are those of their ledger lines, and documents that come again come out as before', () => {
  fc.assert(
    fc.property(some, (alerts) => {
      let groups: Groups = emptyGroups;
      let kept: Groups = emptyGroups;
      for (const [i, { key, actor }] of alerts.entries()) {
        const document = alertOn(`k${key}`, { actor });
        const told = group(groups, [document], TEN + i, WINDOW);
        groups = told.groups;
        for (const { requestId, group: alert, at } of told.outcomes) kept = noteGrouped(kept, requestId, alert!, at);
        expect([...kept.values()]).toEqual([...groups.values()]);
        const again = group(groups, [document], TEN + i, WINDOW);
        expect(again.documents.map(nameOf)).toEqual(told.documents.map(nameOf));
        expect(again.outcomes).toEqual([]);
      }
    }),
  );
});
