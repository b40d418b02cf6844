import { z } from 'zod';
import { elasticsearchOutput } from './elasticsearch';
import { kafkaConnection } from './kafka';
import { routing } from './routing';

const kafkaOutput = z.strictObject({
  kind: z.literal('kafka'),
  ...kafkaConnection,
  topic: z.string().min(1).max(249),
});
const fileOutput = z.strictObject({ kind: z.literal('file'), path: z.string().min(1) });
const consoleOutput = z.strictObject({ kind: z.literal('console'), style: z.enum(['text', 'json']).default('text') });

/** An output's own settings, and those of every output; `routing(true)` where it is a record by default. */
export const output = z.discriminatedUnion('kind', [
  kafkaOutput.extend(routing(true)),
  fileOutput.extend(routing(true)),
  consoleOutput.extend(routing(false)),
  elasticsearchOutput.extend(routing(true)),
]);

export const deadLetterOutput = z.discriminatedUnion('kind', [kafkaOutput, fileOutput]);
