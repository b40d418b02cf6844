import { auditedLedger } from '../../../src/adapters/audit/ledger';
import type { Outcome } from '../../../src/domain/action';
import type { AuditEntry } from '../../../src/domain/audit';
import type { Ledger } from '../../../src/ports';
import { actionRequest, TEN } from '../../support/action-request';
import { createVirtualClock } from '../../support/virtual-clock';

function parts(heldPerMinute = 3) {
  const order: string[] = [];
  const entries: AuditEntry[] = [];
  const kept: Outcome[] = [];
  const fail = { ledger: false, audit: false };
  const ledger: Ledger = {
    load: async () => kept,
    async append(outcomes) {
      if (fail.ledger) throw new Error('disk full');
      order.push('ledger');
      kept.push(...outcomes);
    },
    rewrite: async (change) => change(kept),
    close: async () => undefined,
  };
  const audit = {
    async record(entry: AuditEntry) {
      if (fail.audit) throw new Error('audit full');
      order.push('audit');
      entries.push(entry);
    },
  };
  const clock = createVirtualClock(TEN);
  return {
    audited: auditedLedger(ledger, { audit, clock, heldPerMinute }),
    entries,
    kept,
    order,
    fail,
    clock,
    ledger,
    audit,
  };
}

const held = (id: string, rail: Outcome['rail'] = 'dry-run'): Outcome => ({
  requestId: id,
  state: 'held',
  at: TEN,
  rail,
  request: { ...actionRequest(), id, key: `k-${id}` },
});

test('an outcome is in the audit log before it is in the ledger; later ones name their key', async () => {
  const { audited, entries, order, kept } = parts();
  const request = { ...actionRequest(), id: 'r1', key: 'k1' };
  await audited.append([{ requestId: 'r1', state: 'accepted', at: TEN, request, until: TEN + 1_000 }]);
  await audited.append([{ requestId: 'r1', state: 'delivered', at: TEN, detail: 'HTTP 200' }]);
  await audited.append([{ requestId: 'r1', state: 'released', at: TEN }]);
  await audited.append([{ requestId: 'breaker-reset-1', state: 'breaker-reset', at: TEN, by: 'anna' }]);
  expect(order).toEqual(['audit', 'ledger', 'audit', 'ledger', 'audit', 'ledger', 'audit', 'ledger']);
  expect(kept).toHaveLength(4);
  expect(entries.map(({ kind, by, subject, detail }) => [kind, by, subject, detail?.state])).toEqual([
    ['action', 'keywatch', 'k1', 'accepted'],
    ['action', 'keywatch', 'k1', 'delivered'],
    ['release', 'keywatch', 'k1', 'released'],
    ['breaker', 'anna', '', 'breaker-reset'],
  ]);
  expect(entries[1].detail).toMatchObject({ request: 'r1', detail: 'HTTP 200' });
});

test('what cannot be recorded is not done', async () => {
  const { audited, kept, fail } = parts();
  fail.audit = true;
  await expect(audited.append([held('r1')])).rejects.toThrow('audit full');
  expect(kept).toEqual([]);
});

test('of held requests a minute’s first are recorded one by one, the others counted by rail', async () => {
  const { audited, entries, kept, clock } = parts(3);
  for (let i = 0; i < 10; i += 1) await audited.append([held(`r${i}`, i < 8 ? 'dry-run' : 'stale')]);
  expect(entries).toHaveLength(3);
  expect(kept).toHaveLength(10);
  await audited.tick();
  expect(entries).toHaveLength(3);
  await clock.advance(60_000);
  await audited.tick();
  expect(entries[3]).toMatchObject({
    kind: 'action',
    subject: '',
    detail: { state: 'held', requests: 7, 'rail dry-run': 5, 'rail stale': 2 },
  });
  // The next minute begins anew.
  await audited.append([held('r20')]);
  await audited.tick(true);
  expect(entries).toHaveLength(5);
});

test('after a restart the ledger says which key a request was about', async () => {
  const { ledger, audit, entries, clock } = parts();
  await ledger.append([
    { requestId: 'r1', state: 'accepted', at: TEN, request: { ...actionRequest(), id: 'r1', key: 'k9' } },
  ]);
  const again = auditedLedger(ledger, { audit, clock, heldPerMinute: 3 });
  await again.load();
  await again.append([{ requestId: 'r1', state: 'release-due', at: TEN }]);
  expect(entries).toMatchObject([{ kind: 'release', subject: 'k9' }]);
});
