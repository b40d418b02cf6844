import { z } from 'zod';
import { kafkaConnection } from './kafka';

const kafkaOutput = z.strictObject({
  kind: z.literal('kafka'),
  ...kafkaConnection,
  topic: z.string().min(1).max(249),
});
const fileOutput = z.strictObject({ kind: z.literal('file'), path: z.string().min(1) });
const consoleOutput = z.strictObject({ kind: z.literal('console'), style: z.enum(['text', 'json']).default('text') });

export const output = z.discriminatedUnion('kind', [kafkaOutput, fileOutput, consoleOutput]);

export const deadLetterOutput = z.discriminatedUnion('kind', [kafkaOutput, fileOutput]);
