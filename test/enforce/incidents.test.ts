import fc from 'fast-check';
import type { AlertDocument } from '../../src/domain/alert';
import { type Feedback, type IncidentNote, Incidents } from '../../src/enforce/incidents';
import { alertDocument } from '../support/alerts';

const T = Date.UTC(2026, 0, 5);
const DAY = 86_400_000;
const limits = { most: 100, keepMs: 30 * DAY };

function document(
  incident: number,
  sequence: number,
  over: { state?: 'open' | 'updated' | 'closed'; key?: string; day?: number } = {},
): AlertDocument {
  const { state = 'open', key = `k${incident}`, day = 0 } = over;
  const base = alertDocument({
    user: { id: key, name: key },
    keywatch: { incident: { id: `i${incident}`, state, requests: 1 } },
  });
  const at = new Date(T + day * DAY + incident * 1000).toISOString();
  return { ...base, '@timestamp': at, event: { ...base.event, id: `i${incident}-${sequence}`, sequence, start: at } };
}
const noted = (...documents: AlertDocument[]) => {
  const store = new Incidents(limits);
  for (const one of documents) store.note({ kind: 'document', document: one });
  return store;
};
const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
const feedback = (over: Partial<Feedback> = {}): Feedback => ({
  id: 'f1',
  incidentId: 'i1',
  key: 'k1',
  verdict: 'benign',
  facet: 'actor',
  until: T + DAY,
  by: 'ada',
  at: T,
  ...over,
});

test('keeps the newest document of each incident; older ones and repetitions change nothing', () => {
  const store = noted(document(1, 0), document(1, 2, { state: 'closed' }));
  expect(store.note({ kind: 'document', document: document(1, 1, { state: 'updated' }) })).toBe(false);
  expect(store.note({ kind: 'document', document: document(1, 2, { state: 'closed' }) })).toBe(false);
  expect(store.get('i1')).toMatchObject({ state: 'closed', key: 'k1', document: { event: { sequence: 2 } } });
  expect(store.note({ kind: 'document', document: document(1, 3, { state: 'updated' }) })).toBe(true);
  expect(store.get('i1')?.state).toBe('open');
});

test('notices are no incidents', () => {
  expect(noted(alertDocument({ user: undefined }), alertDocument()).size).toBe(0);
});

test('lists the newest first, by key and state, in pages that stay right while incidents come', () => {
  const store = noted(document(1, 0), document(2, 0, { key: 'k1', state: 'closed' }), document(3, 0), document(4, 0));
  const first = store.list({}, 2);
  expect(ids(first)).toEqual(['i4', 'i3']);
  store.note({ kind: 'document', document: document(9, 0) });
  expect(ids(store.list({}, 2, first[1]))).toEqual(['i2', 'i1']);
  expect(ids(store.list({ key: 'k1' }, 9))).toEqual(['i2', 'i1']);
  expect(ids(store.list({ key: 'k1', state: 'open' }, 9))).toEqual(['i1']);
  expect(ids(store.list({ severity: 99 }, 9))).toEqual([]);
});

test('is bounded: the longest untouched goes first, closed ones before open ones, never the one just noted', () => {
  const store = new Incidents({ most: 3, keepMs: 30 * DAY });
  const add = (...all: AlertDocument[]) => {
    for (const one of all) store.note({ kind: 'document', document: one });
  };
  add(document(1, 0), document(2, 0, { state: 'closed' }), document(3, 0), document(4, 0));
  expect(ids(store.list({}, 9))).toEqual(['i4', 'i3', 'i1']);
  add(document(5, 0, { state: 'closed' }));
  expect(ids(store.list({}, 9))).toEqual(['i5', 'i4', 'i3']);
});

test('forgets closed incidents by age, and keeps open ones', () => {
  const store = noted(document(1, 0), document(2, 0, { state: 'closed' }), document(3, 0, { day: 31 }));
  expect(ids(store.list({}, 9))).toEqual(['i3', 'i1']);
  expect([...store.keys()].sort()).toEqual(['k1', 'k3']);
});

describe('feedback', () => {
  test('names what is muted on a key until it ends or is taken back', () => {
    const store = noted(document(1, 0));
    store.note({ kind: 'feedback', feedback: feedback() });
    expect([...store.mutesOf('k1', T).keys()]).toEqual(['actor']);
    expect(store.mutesOf('k1', T + DAY).size).toBe(0);
    store.note({ kind: 'feedback', feedback: feedback({ withdrawn: { at: T, by: 'bob' } }) });
    expect(store.mutesOf('k1', T).size).toBe(0);
    // A late repetition does not bring it back.
    store.note({ kind: 'feedback', feedback: feedback() });
    expect(store.mutesOf('k1', T).size).toBe(0);
  });

  test('on an incident that is not there is not taken', () => {
    expect(noted().note({ kind: 'feedback', feedback: feedback() })).toBe(false);
  });

  test('survives the next document of its incident', () => {
    const store = noted(document(1, 0));
    store.note({ kind: 'feedback', feedback: feedback() });
    store.note({ kind: 'document', document: document(1, 1) });
    expect(store.get('i1')?.feedback).toHaveLength(1);
  });
});

test('what is exported makes the same store again, whatever was noted', () => {
  const anyDocument = fc
    .record({
      incident: fc.integer({ min: 1, max: 6 }),
      sequence: fc.integer({ min: 0, max: 5 }),
      closed: fc.boolean(),
      day: fc.integer({ min: 0, max: 60 }),
    })
    .map(
      ({ incident, sequence, closed, day }): IncidentNote => ({
        kind: 'document',
        document: document(incident, sequence, { state: closed ? 'closed' : 'open', day }),
      }),
    );
  const anyFeedback = fc
    .record({ incident: fc.integer({ min: 1, max: 6 }), id: fc.constantFrom('f1', 'f2'), off: fc.boolean() })
    .map(
      ({ incident, id, off }): IncidentNote => ({
        kind: 'feedback',
        feedback: feedback({
          id,
          incidentId: `i${incident}`,
          key: `k${incident}`,
          ...(off ? { withdrawn: { at: T, by: 'x' } } : {}),
        }),
      }),
    );
  fc.assert(
    fc.property(fc.array(fc.oneof(anyDocument, anyFeedback), { maxLength: 40 }), (notes) => {
      const store = new Incidents({ most: 4, keepMs: 30 * DAY });
      for (const note of notes) store.note(note);
      const again = new Incidents({ most: 4, keepMs: 30 * DAY });
      for (const note of store.export()) again.note(note);
      const seen = (one: Incidents) => one.list({}, 99).map(({ id, feedback: all, document: d }) => [id, all, d]);
      expect(seen(again)).toEqual(seen(store));
      expect(store.size).toBeLessThanOrEqual(4);
    }),
    { numRuns: 50 },
  );
});
