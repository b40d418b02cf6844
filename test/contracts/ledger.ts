import type { Outcome } from '../../src/domain/action';
import type { Ledger } from '../../src/ports';

/** One harness is one ledger's place, empty at first; `open` gives a ledger over it, as after a restart. */
export interface LedgerHarness {
  open(): Ledger;
  close(): Promise<void>;
}

export const outcome = (
  requestId: string,
  state: Outcome['state'],
  at: number,
  more: Partial<Outcome> = {},
): Outcome => ({
  requestId,
  state,
  at,
  ...more,
});

/** The laws of `Ledger` (src/ports.ts), as tests. `now` is about the time of the ledger's clock. */
export function ledgerContract(harness: () => Promise<LedgerHarness>, now: number): void {
  let place: LedgerHarness;
  beforeEach(async () => {
    place = await harness();
  });
  afterEach(() => place.close());

  it('is empty at first', async () => {
    const ledger = place.open();
    expect(await ledger.load()).toEqual([]);
    await ledger.close();
  });

  it('gives back what was appended, in order and unchanged, after a restart', async () => {
    const outcomes = [
      outcome('r1', 'accepted', now - 3, {
        notAfter: now + 5,
        until: now + 9,
        detail: 'naïve "text"\nwith a break \u2028',
      }),
      outcome('r2', 'held', now - 2, { rail: 'breaker-count' }),
      outcome('r1', 'delivered', now - 1, { detail: '200' }),
    ];
    const ledger = place.open();
    await ledger.load();
    await ledger.append(outcomes.slice(0, 2));
    await ledger.append(outcomes.slice(2));
    await ledger.append([]);
    await ledger.close();
    const later = place.open();
    expect(await later.load()).toEqual(outcomes);
    await later.append([outcome('r1', 'released', now)]);
    await later.close();
    const last = place.open();
    expect((await last.load()).map((o) => `${o.requestId} ${o.state}`)).toEqual([
      'r1 accepted',
      'r2 held',
      'r1 delivered',
      'r1 released',
    ]);
    await last.close();
  });

  it('rewrites what it holds, durably, and takes appends after that', async () => {
    const outcomes = [
      outcome('r1', 'accepted', now - 3, { notAfter: now + 5, until: now + 9 }),
      outcome('r2', 'held', now),
    ];
    const ledger = place.open();
    await ledger.load();
    await ledger.append(outcomes);
    const [written] = await Promise.all([
      ledger.rewrite((all) => all.map((one) => (one.requestId === 'r2' ? { ...one, detail: 'less' } : one))),
      ledger.append([outcome('r1', 'delivered', now)]),
    ]);
    expect(written.map(({ detail }) => detail)).toEqual([undefined, 'less']);
    await ledger.close();
    const later = place.open();
    expect(await later.load()).toEqual([...written, outcome('r1', 'delivered', now)]);
    // What changes nothing writes nothing.
    expect(await later.rewrite((all) => all)).toHaveLength(3);
    await later.close();
  });

  it('keeps the order of appends that are not waited for', async () => {
    const ledger = place.open();
    await ledger.load();
    await Promise.all(Array.from({ length: 50 }, (_, i) => ledger.append([outcome(`r${i}`, 'accepted', now)])));
    await ledger.close();
    const later = place.open();
    expect((await later.load()).map((o) => o.requestId)).toEqual(Array.from({ length: 50 }, (_, i) => `r${i}`));
    await later.close();
  });
}
