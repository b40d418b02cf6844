import type { AlertDocument } from '../../src/domain/alert';
import type { AlertSink } from '../../src/ports';
import { alertDocument } from '../support/alerts';

/** One harness is one receiver, empty at first. */
export interface AlertSinkHarness {
  create(): Promise<AlertSink>;
  /** What the receiver holds, in order, decoded from the wire; called after `write` resolved. */
  received(): Promise<readonly unknown[]>;
  /** What a document is to look like there; the document itself by default. */
  expected?(document: AlertDocument): unknown;
  /**
   * For receivers that can fail in a way that the sink learns of: from now on the first `after` documents are still taken
   * (as many as the protocol allows to tell apart) and the rest is refused; undefined: all is well again.
   */
  fail?(after: number | undefined): Promise<void>;
  close(): Promise<void>;
}

/** The laws of `AlertSink` (src/ports.ts), as tests; `fails`: the harness has `fail`. */
export function alertSinkContract(
  harness: () => Promise<AlertSinkHarness>,
  { fails = false }: { readonly fails?: boolean } = {},
): void {
  let receiver: AlertSinkHarness;
  beforeEach(async () => {
    receiver = await harness();
  });
  afterEach(() => receiver.close());

  const expected = (documents: readonly AlertDocument[]) =>
    documents.map((document) => receiver.expected?.(document) ?? document);

  it('has a name that tells it from others', async () => {
    const sink = await receiver.create();
    expect(sink.name).toMatch(/\S/);
    await sink.close();
  });

  it('has handed documents over, in order and unchanged, when write resolves', async () => {
    const sink = await receiver.create();
    const documents = [
      alertDocument({ id: 'a', reason: 'first use from Brazil' }),
      alertDocument({ id: 'b', reason: 'line\nbreak, \u001b[31mescape, \u2028, "quotes", ümläut, 𝄞' }),
    ];
    await sink.write(documents);
    expect(await receiver.received()).toEqual(expected(documents));
    const later = alertDocument({ id: 'c' });
    await sink.write([later]);
    expect(await receiver.received()).toEqual(expected([...documents, later]));
    await sink.close();
  });

  it('takes an empty write, and writes that are not waited for', async () => {
    const sink = await receiver.create();
    await sink.write([]);
    expect(await receiver.received()).toEqual([]);
    const documents = ['x', 'y', 'z'].map((id) => alertDocument({ id }));
    await Promise.all(documents.map((document) => sink.write([document])));
    expect(await receiver.received()).toEqual(expected(documents));
    await sink.close();
  });

  if (fails) {
    it('rejects while the receiver fails; the same write again brings what is missing, and nothing twice', async () => {
      const sink = await receiver.create();
      const documents = ['1', '2', '3', '4', '5'].map((id) => alertDocument({ id }));
      for (const after of [0, 2]) {
        await receiver.fail?.(after);
        await expect(sink.write(documents)).rejects.toThrow(/./);
      }
      await receiver.fail?.(undefined);
      await sink.write(documents);
      const next = alertDocument({ id: '6' });
      await sink.write([next]);
      expect(await receiver.received()).toEqual(expected([...documents, next]));
      await sink.close();
    });
  }

  it('can be closed twice, and without a write', async () => {
    const sink = await receiver.create();
    await sink.close();
    await sink.close();
  });
}
