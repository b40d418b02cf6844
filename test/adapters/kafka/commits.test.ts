import type { OffsetsByTopicPartition } from 'kafkajs';
import { createCommits } from '../../../src/adapters/kafka/commits';
import { gate } from '../../contracts/source';

const sent = (calls: OffsetsByTopicPartition[]) =>
  calls.map(({ topics }) => topics[0].partitions.map(({ partition, offset }) => `${partition}:${offset}`).join(' '));

describe('commits', () => {
  const calls: OffsetsByTopicPartition[] = [];
  const errors: unknown[] = [];
  const commit = async (offsets: OffsetsByTopicPartition) => void calls.push(offsets);
  beforeEach(() => {
    calls.length = 0;
    errors.length = 0;
  });
  const make = () => createCommits('access', (error) => errors.push(error));

  it('sends the last place of each partition once, in one request', async () => {
    const commits = make();
    commits.note(0, 5, commit);
    commits.note(1, 7, commit);
    commits.note(0, 9, commit);
    await commits.flush();
    await commits.flush();
    expect(sent(calls)).toEqual(['0:9 1:7']);
  });

  it('keeps what came while a commit was under way, and does not send two at a time', async () => {
    const commits = make();
    const answered = gate();
    let open = 0;
    let most = 0;
    const slow = async (offsets: OffsetsByTopicPartition) => {
      most = Math.max(most, ++open);
      calls.push(offsets);
      await answered.opened;
      open--;
    };
    commits.note(0, 5, slow);
    const first = commits.flush();
    await Promise.resolve();
    commits.note(0, 8, slow);
    const second = commits.flush();
    answered.open();
    await Promise.all([first, second]);
    expect(sent(calls)).toEqual(['0:5', '0:8']);
    expect(most).toBe(1);
  });

  it('tries again what failed, and never throws', async () => {
    const commits = make();
    const refused = new Error('rebalance in progress');
    commits.note(0, 5, async () => {
      throw refused;
    });
    await commits.flush();
    expect(errors).toEqual([refused]);
    commits.note(1, 6, commit);
    await commits.flush();
    expect(sent(calls)).toEqual(['0:5 1:6']);
  });

  it('sends nothing of a generation that is over', async () => {
    const commits = make();
    commits.note(0, 5, commit);
    commits.drop();
    await commits.flush();
    expect(calls).toEqual([]);
  });
});
