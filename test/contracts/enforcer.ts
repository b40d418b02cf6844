import { keyActions } from '../../src/domain/action';
import type { EnforcementCommand, Enforcer } from '../../src/ports';

/** How the receiving end of an implementation behaves, and what it has seen. */
export interface EnforcerHarness {
  create(): Enforcer;
  /** A key id that the receiving end knows; `key-1` where any will do. */
  readonly key?: string;
  /** From now on commands are carried out, refused, or left without an answer. */
  behave(how: 'accept' | 'refuse' | 'hang'): void;
  /** Ids of the commands that arrived, repetitions included. Where the receiving end is told none: `a` for each attempt. */
  arrived(): readonly string[];
  close(): Promise<void>;
}

const commandFor = (id: string, key: string): EnforcementCommand => ({
  id,
  type: 'key.suspend.requested',
  action: 'suspend',
  key,
  keyKind: 'credential',
  keyName: '',
  tenant: '',
  until: Date.UTC(2100, 0),
  notAfter: Date.UTC(2100, 0),
  releases: undefined,
  body: { type: 'key.suspend.requested', timestamp: '2026-11-24T10:00:00.000Z', data: { key: { id: key } } },
});

/** What every `Enforcer` guarantees. */
export function enforcerContract(name: string, open: () => Promise<EnforcerHarness>): void {
  describe(`${name} keeps the contract of an enforcer`, () => {
    let harness: EnforcerHarness;
    let enforcer: Enforcer;
    beforeEach(async () => {
      harness = await open();
      enforcer = harness.create();
    });
    afterEach(async () => {
      await enforcer.close();
      await harness.close();
    });
    const command = (id: string) => commandFor(id, harness.key ?? 'key-1');
    const never = () => new AbortController().signal;

    test('has a name', () => expect(enforcer.name).toMatch(/^[a-z][a-z0-9-]*$/));

    test('says what it can do, and takes back only that', () => {
      const { actions, reversible, keyKinds, effectMs } = enforcer.capabilities;
      expect(actions.length).toBeGreaterThan(0);
      expect(keyKinds.length).toBeGreaterThan(0);
      expect(effectMs).toBeGreaterThanOrEqual(0);
      for (const action of actions) expect(keyActions).toContain(action);
      for (const action of reversible) expect(actions).toContain(action);
      expect(reversible).not.toContain('revoke');
    });

    test('an acknowledged command is a success', async () => {
      harness.behave('accept');
      expect(await enforcer.deliver(command('a'), never())).toMatchObject({ ok: true });
      expect(harness.arrived()).toEqual(['a']);
    });

    test('one call is one attempt: a refusal is answered, not retried and not thrown', async () => {
      harness.behave('refuse');
      expect(await enforcer.deliver(command('a'), never())).toMatchObject({ ok: false });
      expect(harness.arrived()).toEqual(['a']);
      harness.behave('accept');
      expect(await enforcer.deliver(command('a'), never())).toMatchObject({ ok: true });
      expect(harness.arrived()).toEqual(['a', 'a']);
    });

    test('an abort ends a hanging attempt as a failure that may be tried again', async () => {
      harness.behave('hang');
      const abort = new AbortController();
      const delivery = enforcer.deliver(command('a'), abort.signal);
      while (harness.arrived().length === 0) await new Promise((resolve) => setImmediate(resolve));
      abort.abort();
      expect(await delivery).toMatchObject({ ok: false, permanent: false });
    });

    test('with an aborted signal nothing is carried out', async () => {
      harness.behave('accept');
      expect(await enforcer.deliver(command('a'), AbortSignal.abort())).toMatchObject({ ok: false });
      expect(harness.arrived()).toEqual([]);
    });
  });
}
