import { type Outcome, outcomeStates } from '../../src/domain/action';
import { alertDocument } from '../../src/domain/alert';
import { notice, noticesOf } from '../../src/enforce/notice';
import { decideAll } from '../../src/enforce/rails';
import { applyOutcomes, emptyState, replayLedger } from '../../src/enforce/state';
import { actionRequest, enforceSettings, TEN } from '../support/action-request';

const outcome = (state: Outcome['state'], over: Partial<Outcome> = {}): Outcome => ({
  requestId: 'req-1',
  state,
  at: TEN,
  ...over,
});

/** They lead to another outcome that is told, or leave what was told true. */
const untold = ['accepted', 'effective', 'superseded', 'release-due', 'grouped'];

test.each(outcomeStates)('%s: a valid document about keywatch itself, or none', (state) => {
  const document = notice(outcome(state, { detail: 'HTTP 500' }), actionRequest(), 'enforce');
  if (untold.includes(state)) {
    expect(document).toBeUndefined();
    return;
  }
  expect(alertDocument.strict().parse(document)).toEqual(document);
  expect(document!.event.kind).toBe('event');
  expect(document!.user).toBeUndefined();
  expect(document!.event.reason).toContain('HTTP 500');
});

test('says which rail held a request, on whose clock, in which mode', () => {
  const document = notice(outcome('held', { rail: 'stale', detail: 'decided 900 s ago' }), actionRequest(), 'dry-run');
  expect(document).toMatchObject({
    '@timestamp': '2026-11-24T10:00:00.000Z',
    message: 'Suspension held',
    event: {
      reason: 'The suspension of Billing backend was not carried out (stale: decided 900 s ago).',
      severity: 21,
    },
    organization: { id: 'acme' },
    rule: { name: 'likely-theft' },
    related: { user: ['key-1'] },
    keywatch: { mode: 'dry-run', action: 'suspend', request: { id: 'req-1', state: 'held', rail: 'stale' } },
  });
});

test('the id comes from request and state alone', () => {
  const id = (o: Outcome) => notice(o, actionRequest(), 'enforce')!.event.id;
  expect(id(outcome('delivered', { at: TEN + 99, detail: 'x' }))).toBe(id(outcome('delivered')));
  expect(id(outcome('undelivered'))).not.toBe(id(outcome('delivered')));
  expect(id(outcome('delivered', { requestId: 'req-2' }))).not.toBe(id(outcome('delivered')));
});

test('the opening of the breaker is told once', () => {
  const requests = Array.from({ length: 9 }, (_, i) => actionRequest({ id: `r-${i}`, key: `k-${i}` }));
  const outcomes = decideAll(emptyState, requests, TEN, { settings: enforceSettings(), lagging: false });
  const titles = noticesOf(emptyState, outcomes, 'enforce').map((d) => d.message);
  expect(titles).toEqual(['Suspension held', 'Circuit breaker opened', ...Array(3).fill('Suspension held')]);

  const open = replayLedger(outcomes);
  const more = decideAll(open, [actionRequest({ id: 'x', key: 'x' })], TEN, {
    settings: enforceSettings(),
    lagging: false,
  });
  expect(noticesOf(open, more, 'enforce').map((d) => d.message)).toEqual(['Suspension held']);
});

test('later outcomes find their request in the state', () => {
  const accepted = decideAll(emptyState, [actionRequest()], TEN, { settings: enforceSettings(), lagging: false });
  const state = applyOutcomes(emptyState, accepted);
  const [document] = noticesOf(state, [outcome('delivered', { detail: 'HTTP 204' })], 'enforce');
  expect(document).toMatchObject({ message: 'Key suspended', related: { user: ['key-1'] } });
});
