import { z } from 'zod';
import { elasticsearchOutput } from './elasticsearch';
import { kafkaConnection } from './kafka';
import { chatOutput } from './outputs/chat';
import { alertFileOutput } from './outputs/file';
import { documentFormat } from './outputs/format';
import { splunkOutput } from './outputs/splunk';
import { syslogOutput } from './outputs/syslog';
import { webhookOutput } from './outputs/webhook';
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
  kafkaOutput.extend({ format: documentFormat, ...routing(true) }),
  alertFileOutput.extend(routing(true)),
  consoleOutput.extend(routing(false)),
  elasticsearchOutput.extend(routing(true)),
  splunkOutput.extend(routing(true)),
  syslogOutput.extend(routing(true)),
  webhookOutput.extend(routing(true)),
  chatOutput.extend(routing(false)),
]);

export const deadLetterOutput = z.discriminatedUnion('kind', [kafkaOutput, fileOutput]);
