import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

/** What a member says of itself when it joins. */
export interface Claim {
  /** It holds the partition, and nothing has cast doubt on that since. */
  readonly held: boolean;
  /** When its process began to stand by, wall clock, milliseconds. */
  readonly since: number;
}

const NAME = 'keywatch-one-holder';

function claimOf(metadata: Buffer): Claim {
  try {
    const { userData } = AssignerProtocol.MemberMetadata.decode(metadata) ?? { userData: Buffer.alloc(0) };
    return JSON.parse(userData.toString('utf8')) as Claim;
  } catch {
    return { held: false, since: Number.MAX_SAFE_INTEGER };
  }
}

/**
 * Gives everything to one member: the one that holds it, else the one that stands by the longest, so that instances that
 * join or leave do not move the duty about.
 */
export const oneHolder =
  (claim: () => Claim): PartitionAssigner =>
  ({ cluster }) => ({
    name: NAME,
    version: 0,
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: 0,
        topics,
        userData: Buffer.from(JSON.stringify(claim())),
      }),
    }),
    async assign({ members, topics }) {
      const ranked = members
        .map(({ memberId, memberMetadata }) => ({ memberId, ...claimOf(memberMetadata) }))
        .sort((a, b) => Number(b.held) - Number(a.held) || a.since - b.since || (a.memberId < b.memberId ? -1 : 1));
      const all = Object.fromEntries(
        topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)]),
      );
      return ranked.map(({ memberId }, i) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: 0,
          assignment: i === 0 ? all : {},
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
