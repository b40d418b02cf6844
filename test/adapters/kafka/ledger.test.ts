import fc from 'fast-check';
import { createKafkaLedger, type KafkaLedgerOptions } from '../../../src/adapters/kafka/ledger';
import type { Outcome } from '../../../src/domain/action';
import { replayLedger } from '../../../src/enforce/state';
import { ledgerContract, outcome } from '../../contracts/ledger';
import { actionRequest } from '../../support/action-request';
import { memoryTopic } from '../../support/memory-topic';

const NOW = 1_700_000_000_000;
const DAY = 86_400_000;
const now = () => NOW;

describe('a ledger in a compacted topic', () => {
  ledgerContract(async () => {
    const topic = memoryTopic(1);
    return { open: () => createKafkaLedger(topic.open(), { now }), close: async () => undefined };
  }, NOW);

  function opened(options: KafkaLedgerOptions = {}) {
    const topic = memoryTopic(1);
    return {
      topic,
      open: (fails?: () => boolean | 'late') => createKafkaLedger(topic.open(fails), { now, ...options }),
    };
  }
  const ids = (outcomes: readonly Outcome[]) => outcomes.map(({ requestId, state }) => `${requestId} ${state}`);

  /** What may happen to requests, in any order that Enforce could write. */
  const history = fc
    .array(
      fc.record({
        request: fc.integer({ min: 0, max: 5 }),
        fails: fc.constantFrom<boolean | 'late'>(false, false, true, 'late'),
        compacts: fc.boolean(),
        restarts: fc.boolean(),
      }),
      { maxLength: 40 },
    )
    .map((steps) => {
      const lives = new Map<number, number>();
      const states = ['accepted', 'delivered', 'effective', 'release-due', 'released'] as const;
      return steps.map((step, i) => {
        const stage = lives.get(step.request) ?? 0;
        lives.set(step.request, stage + 1);
        const id = `r${step.request}`;
        if (stage >= states.length)
          return { ...step, outcome: outcome(`breaker-reset-${i}`, 'breaker-reset', NOW + i) };
        const first = {
          request: { ...actionRequest(), id, key: id },
          notAfter: NOW + 100,
          until: NOW + 1_000,
        };
        return { ...step, outcome: outcome(id, states[stage]!, NOW + i, stage === 0 ? first : {}) };
      });
    });

  test('law: after failed appends tried again, compaction and restarts the state is that of the outcomes in order', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const { topic, open } = opened();
        let fate: boolean | 'late' = false;
        const fails = () => {
          const mine = fate;
          fate = false;
          return mine;
        };
        let ledger = open(fails);
        await ledger.load();
        for (const step of steps) {
          if (step.restarts) {
            ledger = open(fails);
            await ledger.load();
          }
          fate = step.fails;
          await ledger.append([step.outcome]).catch(() => ledger.append([step.outcome]));
          if (step.compacts) topic.compact(true);
        }
        topic.compact(false);
        const outcomes = await open().load();
        expect(outcomes).toEqual(steps.map((step) => step.outcome));
        expect(replayLedger(outcomes)).toEqual(replayLedger(steps.map((step) => step.outcome)));
      }),
      { numRuns: 150 },
    );
  });

  test('several outcomes of one state and request are all kept', async () => {
    const { topic, open } = opened();
    const outcomes = [1, 2, 3].map((at) => outcome('group', 'grouped', NOW + at));
    await open().append(outcomes.slice(0, 2));
    await open().append(outcomes.slice(2));
    topic.compact(false);
    expect(await open().load()).toEqual(outcomes);
  });

  test('requests that ended long ago, or beyond the bound, leave the topic; live ones stay however old', async () => {
    const { topic, open } = opened({ maxEnded: 1 });
    await open().append([
      outcome('old', 'accepted', NOW - 40 * DAY),
      outcome('old', 'undelivered', NOW - 31 * DAY),
      outcome('live', 'accepted', NOW - 40 * DAY),
      outcome('one', 'held', NOW - 2),
      outcome('two', 'held', NOW - 1),
    ]);
    expect(ids(await open().load())).toEqual(['live accepted', 'two held']);
    topic.compact(false);
    expect(topic.records(0).map(({ key }) => key)).not.toContain('old/accepted/0');
    expect(ids(await open().load())).toEqual(['live accepted', 'two held']);
  });

  test('what is rewritten keeps its place, and is all that is left after compaction', async () => {
    const { topic, open } = opened();
    const ledger = open();
    const request = { ...actionRequest(), id: 'r1', key: 'secret-name' };
    await ledger.append([
      outcome('r1', 'held', NOW, { request, rail: 'dry-run' }),
      outcome('r2', 'held', NOW, { rail: 'dry-run' }),
    ]);
    await ledger.rewrite((all) =>
      all.map((one) => (one.request === undefined ? one : { ...one, request: { ...one.request, key: 'forgotten' } })),
    );
    expect(ids(await open().load())).toEqual(['r1 held', 'r2 held']);
    topic.compact(false);
    expect(JSON.stringify(topic.records(0).map(({ value }) => value?.toString()))).not.toContain('secret-name');
    await expect(ledger.rewrite(() => [])).rejects.toThrow('keeps every outcome');
  });

  test('a damaged record, and a topic of several partitions, stop the start', async () => {
    const { topic, open } = opened();
    await open().append([outcome('r1', 'held', NOW)]);
    topic.change(0, (records) => records.map((record) => ({ ...record, value: Buffer.from('{"seq":') })));
    await expect(open().load()).rejects.toThrow(/offset \d+ of topic memory is damaged/);
    await expect(createKafkaLedger(memoryTopic(2).open()).load()).rejects.toThrow('2 partitions; it needs exactly 1');
  });
});
