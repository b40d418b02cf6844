import { AssignerProtocol, type Cluster, type PartitionAssigner } from 'kafkajs';
import { type Claim, oneHolder } from '../../../src/adapters/kafka/one-holder';

const cluster = { findTopicPartitionMetadata: () => [{ partitionId: 0 }] } as unknown as Cluster;
const made = (claim: Claim): ReturnType<PartitionAssigner> =>
  oneHolder(() => claim)({ cluster } as Parameters<PartitionAssigner>[0]);

/** Who gets the partition, of members by their names. */
async function holderOf(claims: Readonly<Record<string, Claim | Buffer>>): Promise<string[]> {
  const members = Object.entries(claims).map(([memberId, claim]) => ({
    memberId,
    memberMetadata: Buffer.isBuffer(claim) ? claim : made(claim).protocol({ topics: ['t'] }).metadata,
  }));
  const assigned = await made({ held: false, since: 0 }).assign({ members, topics: ['t'] });
  return assigned
    .filter(({ memberAssignment }) => {
      const { assignment } = AssignerProtocol.MemberAssignment.decode(memberAssignment)!;
      return assignment.t?.includes(0);
    })
    .map(({ memberId }) => memberId);
}

test('who holds it keeps it, whoever joins', async () => {
  const claims = { a: { held: false, since: 1 }, b: { held: true, since: 9 }, c: { held: false, since: 2 } };
  expect(await holderOf(claims)).toEqual(['b']);
});

test('where nobody holds it, the one that stands by the longest gets it', async () => {
  expect(await holderOf({ a: { held: false, since: 7 }, b: { held: false, since: 3 } })).toEqual(['b']);
  expect(await holderOf({ b: { held: false, since: 3 }, a: { held: false, since: 3 } })).toEqual(['a']);
});

test('a member whose claim cannot be read comes last', async () => {
  expect(await holderOf({ a: Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), b: { held: false, since: 3 } })).toEqual([
    'b',
  ]);
});
