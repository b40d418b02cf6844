import { type BookSettings, type Decisions, IncidentBook, type Suspicion } from '../../src/decide/book';
import type { Calibration } from '../../src/decide/calibration';
import type { Evidence } from '../../src/domain/evidence';
import { DAY, HOUR, MINUTE, T0, testRules } from '../support/events';
import { aPiece } from '../support/evidence';

const settings: BookSettings = {
  policy: { rules: testRules, tiers: [], defaultTier: 'standard' },
  mode: 'dry-run',
  partition: 0,
  incidentIdleMs: 6 * HOUR,
  suspectMaxMs: 7 * DAY,
};
/** Scores taken at their word. */
const asIs: Calibration = { turn() {}, note() {}, surprise: (score) => score, keyDays: () => 0 };
const newBook = (over: Partial<BookSettings> = {}) => new IncidentBook({ ...settings, ...over }, asIs);

const stranger = (surprise: number) => aPiece({ detector: 'newcomer', facet: 'actor', surprise, aboutActor: true });
const abroad = (surprise: number) => aPiece({ detector: 'geography', facet: 'geography', surprise, aboutActor: true });
const otherClient = (surprise: number) => aPiece({ detector: 'client', facet: 'client', surprise, aboutActor: true });
const burst = (surprise: number) => aPiece({ detector: 'volume', facet: 'volume', surprise });

function suspicion(evidence: readonly Evidence[], over: Partial<Suspicion> = {}): Suspicion {
  return {
    key: 'k1',
    keyKind: 'credential',
    keyName: '',
    tenant: '',
    actor: 7,
    ip: '203.0.113.50',
    country: 'BR',
    userAgent: 'curl/8',
    ts: T0,
    row: 0,
    evidence,
    ...over,
  };
}

function started(over: Partial<BookSettings> = {}) {
  const book = newBook(over);
  const out: Decisions = { alerts: [], requests: [] };
  const consider = (evidence: readonly Evidence[], more: Partial<Suspicion> = {}) =>
    book.consider(suspicion(evidence, more), out);
  const told = () => out.alerts.map((a) => `${a.event.kind} ${a.keywatch.incident?.state}`);
  return { book, out, consider, told };
}

test('one voice: an actor is told once, and what only repeats or hardly grows is not told again', () => {
  const { consider, out, told } = started();
  consider([stranger(2.5)]);
  for (let i = 1; i <= 50; i++) consider([stranger(2.5 + i / 250)], { ts: T0 + i * MINUTE });
  expect(told()).toEqual(['alert open']);
  expect(out.alerts[0].user?.id).toBe('k1');
});

test('a rise within the same severity is told quietly and at most every quarter of an hour', () => {
  const { consider, told } = started();
  consider([stranger(2.1)]);
  consider([stranger(2.4)], { ts: T0 + 10 * MINUTE });
  expect(told()).toEqual(['alert open']);
  consider([stranger(2.7)], { ts: T0 + 20 * MINUTE });
  expect(told()).toEqual(['alert open', 'event updated']);
});

test('a rise in severity is told at once and aloud', () => {
  const { consider, out, told } = started();
  consider([stranger(2.1)]);
  consider([stranger(3.5)], { ts: T0 + 1 });
  expect(told()).toEqual(['alert open', 'alert updated']);
  expect(out.alerts.map((a) => a.event.severity)).toEqual([47, 73]);
  expect(out.alerts.map((a) => a.event.sequence)).toEqual([0, 1]);
  expect(new Set(out.alerts.map((a) => a.event.id)).size).toBe(2);
});

test('what is below every rule is watched silently, and adds up with what follows', () => {
  const { consider, book, told } = started();
  expect(consider([stranger(1.9)])).toBe('trusted');
  expect(told()).toEqual([]);
  expect(book.size()).toBe(1);
  expect(consider([burst(3)], { ts: T0 + MINUTE })).toBe('suspect');
  expect(told()).toEqual(['alert open']);
});

test('evidence too weak to watch leaves nothing behind', () => {
  const { consider, book } = started();
  consider([stranger(0.4)]);
  expect(book.size()).toBe(0);
});

test('an incident never becomes milder', () => {
  const { consider, out } = started();
  consider([stranger(4)]);
  consider([stranger(0.6), burst(0.6)], { ts: T0 + HOUR });
  expect(out.alerts.map((a) => a.event.risk_score)).toEqual([84.2, 84.2]);
});

test('idle long enough it is closed quietly, once, at the time at which that was so', () => {
  const { book, consider, out, told } = started();
  consider([stranger(3)]);
  book.sweep(T0 + 6 * HOUR, out);
  expect(told()).toEqual(['alert open']);
  book.sweep(T0 + 9 * HOUR, out);
  book.sweep(T0 + 10 * HOUR, out);
  expect(told()).toEqual(['alert open', 'event closed']);
  expect(out.alerts[1]['@timestamp']).toBe(new Date(T0 + 6 * HOUR).toISOString());
});

test('its return re-opens the same incident without noise; only something worse is loud', () => {
  const { book, consider, out, told } = started();
  consider([stranger(2.1)]);
  book.sweep(T0 + 9 * HOUR, out);
  consider([stranger(2.1)], { ts: T0 + DAY });
  expect(told()).toEqual(['alert open', 'event closed', 'event updated']);
  consider([stranger(4)], { ts: T0 + DAY + 1 });
  expect(told().slice(3)).toEqual(['alert updated']);
  expect(new Set(out.alerts.map((a) => a.keywatch.incident?.id)).size).toBe(1);
});

test('an actor is suspect from the first word, on probation after suspectMax, and forgotten when it stays away', () => {
  const { book, consider, out } = started();
  expect(consider([stranger(3)])).toBe('suspect');
  expect(consider([], { ts: T0 + 7 * DAY })).toBe('suspect');
  expect(consider([], { ts: T0 + 7 * DAY + 1 })).toBe('probation');
  expect(consider([], { ts: T0 + 7 * DAY + 2, actor: 8 })).toBe('trusted');
  book.sweep(T0 + 8 * DAY, out);
  expect(book.knows('k1')).toBe(true);
  book.sweep(T0 + 15 * DAY, out);
  expect(book.knows('k1')).toBe(false);
});

test('what is watched only is given up after an hour', () => {
  const { book, consider, out } = started();
  consider([stranger(1.5)]);
  book.sweep(T0 + HOUR, out);
  expect(book.size()).toBe(1);
  book.sweep(T0 + HOUR + 1, out);
  expect(book.size()).toBe(0);
  expect(out.alerts).toEqual([]);
});

test('a key as a whole is nobody in particular: all its actors go on being learned', () => {
  const { consider, out } = started();
  expect(consider([burst(5)])).toBe('trusted');
  expect(out.alerts).toHaveLength(1);
  expect(consider([burst(5)], { actor: 9, ts: T0 + 1 })).toBe('trusted');
  expect(out.alerts).toHaveLength(1);
});

test('a suspension needs a surprising actor and two different signs; failures are none', () => {
  const { consider, out } = started();
  consider([stranger(3), abroad(3), aPiece({ detector: 'errors', facet: 'errors', surprise: 9 })]);
  expect(out.requests).toEqual([]);
  consider([otherClient(2)], { ts: T0 + 1 });
  expect(out.requests).toHaveLength(1);
  expect(out.requests[0]).toMatchObject({ key: 'k1', action: 'suspend', durationMs: HOUR, rule: 'likely-theft' });
  expect(out.requests[0].alertId).toBe(out.alerts[out.alerts.length - 1].event.id);
});

test('signs without a surprising actor ask for nothing', () => {
  const { consider, out } = started();
  consider([stranger(1.9), abroad(3), otherClient(3), burst(6)]);
  expect(out.alerts).toHaveLength(1);
  expect(out.requests).toEqual([]);
});

test('a suspension is asked for once while it lasts, and again with another id when the thief is back after it', () => {
  const { consider, out } = started();
  consider([stranger(3), abroad(3), otherClient(3)]);
  for (let i = 1; i < 60; i++) consider([stranger(3)], { ts: T0 + i * MINUTE });
  expect(out.requests).toHaveLength(1);
  consider([stranger(3)], { ts: T0 + HOUR });
  expect(out.requests).toHaveLength(2);
  expect(out.requests[1].id).not.toBe(out.requests[0].id);
});

test('without a settled past there is an alert and no request', () => {
  const { consider, out } = started();
  consider([stranger(3), abroad(3), otherClient(3)].map((e) => ({ ...e, confidence: 0.4 })));
  expect([out.alerts.length, out.requests.length]).toEqual([1, 0]);
});

test('a flood of actors on one key shares one incident beyond the eighth', () => {
  const { book, consider } = started();
  for (let actor = 1; actor <= 500; actor++) consider([stranger(3)], { actor, ts: T0 + actor });
  expect(book.size()).toBeLessThanOrEqual(9);
});

test('when the book is full, what is only watched makes room first', () => {
  const { book, consider } = started();
  consider([stranger(3)], { key: 'told' });
  for (let i = 0; i < 20_010; i++) consider([stranger(1.5)], { key: `w${i}` });
  expect(book.size()).toBe(20_000);
  expect([book.knows('told'), book.knows('w0'), book.knows('w20009')]).toEqual([true, false, true]);
});

test('exported and taken over by another book, it goes on as if nothing had happened', () => {
  const one = started();
  one.consider([stranger(2.1)]);
  one.consider([burst(1.5)], { key: 'k2', actor: 3 });
  const two = started();
  two.book.import(JSON.parse(JSON.stringify(one.book.export())));
  for (const { consider } of [one, two]) consider([stranger(4), abroad(3), otherClient(3)], { ts: T0 + MINUTE });
  expect(two.out.alerts).toEqual(one.out.alerts.slice(1));
  expect(two.out.requests).toEqual(one.out.requests);
  expect(two.book.export()).toEqual(one.book.export());
});

test('decoys that fill the incidents of a key leave the next stranger suspect', () => {
  const { consider } = started();
  for (let actor = 1; actor <= 9; actor++) consider([stranger(3)], { actor, ts: T0 + actor * MINUTE });
  expect(consider([stranger(3)], { actor: 99, ts: T0 + HOUR })).toBe('suspect');
  expect(consider([burst(3)], { actor: 100, ts: T0 + HOUR })).toBe('trusted');
});

test('an incident asks for three suspensions, each after the one before has ended, and then leaves it to people', () => {
  const { consider, out } = started();
  const strong = [stranger(6), abroad(3), otherClient(3)];
  for (let hour = 0; hour < 12; hour++) consider(strong, { ts: T0 + hour * (HOUR + MINUTE) });
  expect(out.requests.map((r) => r.decidedAt)).toEqual([0, 1, 2].map((n) => T0 + n * (HOUR + MINUTE)));
  expect(new Set(out.requests.map((r) => r.id)).size).toBe(3);
});
