import { createDeadLetterGate } from '../../src/adapters/dead-letters';
import type { DeadLetter } from '../../src/domain/rejection';
import type { DeadLetterSink } from '../../src/ports';
import { countingTelemetry, eventually, manualClock } from '../support/time';

const letters = (count: number): DeadLetter[] =>
  Array.from({ length: count }, (_, offset) => ({
    reason: 'not-json',
    detail: 'not JSON',
    source: 'file:access.log',
    position: { partition: 0, offset, index: 0 },
    format: 'keywatch',
    bytes: 10,
  }));

function sinkNamed(name: string, write: (batch: readonly DeadLetter[]) => Promise<void> = async () => {}) {
  const got: number[] = [];
  const sink: DeadLetterSink = {
    name,
    async write(batch) {
      await write(batch);
      got.push(...batch.map((letter) => letter.position.offset));
    },
    close: async () => {},
  };
  return { sink, got };
}

function setUp(sinks: readonly DeadLetterSink[], perSecond: number) {
  const clock = manualClock(1_500);
  const telemetry = countingTelemetry();
  const gate = createDeadLetterGate({ sinks, perSecond, clock, telemetry });
  const sum = (result: string) =>
    telemetry.calls
      .filter((call) => call.name === 'deadLetters' && call.values[0] === result)
      .reduce((total, call) => total + (call.values[1] as number), 0);
  return { clock, telemetry, gate, sum };
}

describe('dead-letter gate', () => {
  it('writes up to its cap each second and counts the others', async () => {
    const { sink, got } = sinkNamed('dlq');
    const { gate, clock, sum } = setUp([sink], 3);
    await gate.offer(letters(2));
    await gate.offer(letters(5));
    expect(got).toEqual([0, 1, 0]);
    expect([sum('written'), sum('suppressed')]).toEqual([3, 4]);
    await clock.advance(499);
    await gate.offer(letters(1));
    expect(got).toHaveLength(3);
    await clock.advance(1);
    await gate.offer(letters(9));
    expect(got).toEqual([0, 1, 0, 0, 1, 2]);
    expect([sum('written'), sum('suppressed')]).toEqual([6, 11]);
  });

  it('only counts where there is no sink', async () => {
    const { gate, sum } = setUp([], 3);
    await gate.offer(letters(2));
    expect([sum('written'), sum('suppressed')]).toEqual([0, 2]);
  });

  it('goes on when a sink fails, says so, and takes it back when it works again', async () => {
    let failing = true;
    const bad = sinkNamed('bad', async () => {
      if (failing) throw new Error('disk full');
    });
    const good = sinkNamed('good');
    const { gate, sum } = setUp([bad.sink, good.sink], 10);
    await gate.offer(letters(2));
    expect(good.got).toEqual([0, 1]);
    expect(sum('written')).toBe(2);
    expect(gate.problem()).toBe('dead letters to bad: disk full');
    failing = false;
    await gate.offer(letters(1));
    expect(bad.got).toEqual([0]);
    expect(gate.problem()).toBeUndefined();
  });

  it('leaves a sink that does not answer behind, without piling writes up in front of it', async () => {
    let answer: () => void = () => {};
    let writes = 0;
    const stuck = sinkNamed('stuck', () => {
      writes += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const { gate, clock, sum } = setUp([stuck.sink], 10);
    const offered = gate.offer(letters(1));
    await eventually(() => clock.sleeping().length === 1);
    await clock.advance(5_000);
    await offered;
    await gate.offer(letters(2));
    expect(writes).toBe(1);
    expect(sum('suppressed')).toBe(3);
    expect(gate.problem()).toMatch(/stuck: no answer/);
    answer();
    await eventually(() => stuck.got.length === 1);
    const again = gate.offer(letters(1));
    await eventually(() => writes === 2);
    answer();
    await again;
    expect(sum('written')).toBe(1);
    expect(gate.problem()).toBeUndefined();
    expect(clock.sleeping()).toEqual([]);
  });
});
