import type { AlertDocument } from '../../src/domain/alert';
import type { AlertSink } from '../../src/ports';
import { alertDocument } from '../support/alerts';

/** One harness is one receiver, empty at first. */
export interface AlertSinkHarness {
  create(): Promise<AlertSink>;
  /** What the receiver holds, in order; called after `write` resolved. */
  received(): Promise<readonly AlertDocument[]>;
  close(): Promise<void>;
}

/** The laws of `AlertSink` (src/ports.ts), as tests. */
export function alertSinkContract(harness: () => Promise<AlertSinkHarness>): void {
  let receiver: AlertSinkHarness;
  beforeEach(async () => {
    receiver = await harness();
  });
  afterEach(() => receiver.close());

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
    expect(await receiver.received()).toEqual(documents);
    await sink.write([alertDocument({ id: 'c' })]);
    expect((await receiver.received()).map((document) => document.event.id)).toEqual(['a', 'b', 'c']);
    await sink.close();
  });

  it('takes an empty write, and writes that are not waited for', async () => {
    const sink = await receiver.create();
    await sink.write([]);
    expect(await receiver.received()).toEqual([]);
    await Promise.all(['x', 'y', 'z'].map((id) => sink.write([alertDocument({ id })])));
    expect((await receiver.received()).map((document) => document.event.id)).toEqual(['x', 'y', 'z']);
    await sink.close();
  });
}
