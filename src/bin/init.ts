import { createInterface } from 'node:readline';
import { faultText } from '../adapters/config-file';
import { type InitOptions, runInit } from '../app/init';
import { type CommandContext, OperatorError, type Terminal } from '../options';
import { checkConfig } from './check-config';
import { brokersFault, brokersOf, type InitInvocation } from './commands/init';
import { exitCodes } from './exit-codes';

/** Answers a question, with `fallback` for an empty line. Rejects where no answer will come. */
export type Ask = (question: string, fallback: string) => Promise<string>;

/**
 * `keywatch init`: 0 when a configuration was written, 2 when it would be unsound, 64 when something is missing and
 * there is nobody to ask (`ask` null).
 */
export const init = async (
  invocation: InitInvocation,
  context: CommandContext,
  ask: Ask | null = process.stdin.isTTY ? asking(context) : null,
): Promise<number> => {
  const { err } = context.terminal;
  const where = await whereIs(invocation, ask);
  if (typeof where === 'string') {
    err.write(`keywatch: ${where}\nkeywatch init --help tells more.\n`);
    return exitCodes.usage;
  }
  const { format = 'auto', keyField, out, force } = invocation;
  const faults = await runInit({ ...context, ...where, format, keyField, out, force });
  for (const fault of faults) err.write(`${faultText(fault)}\n`);
  if (faults.length > 0) {
    err.write('keywatch: nothing was written\n');
    return exitCodes.configuration;
  }
  return checkConfig(out, false, context);
};

type Where = Pick<InitOptions, 'log' | 'sample'>;

/** Where the log is, by the flags and then by the answers; or what is wrong. */
const whereIs = async (invocation: InitInvocation, ask: Ask | null): Promise<Where | string> => {
  const { file, sample } = invocation;
  if (file !== undefined) return { log: { kind: 'file', path: file }, sample };
  // A topic alone says that the log is on Kafka.
  const kafka = invocation.brokers !== undefined || invocation.topic !== undefined;
  if (ask === null) {
    if (!kafka) return 'where the log is is missing: --file PATH, or --kafka BROKERS --topic NAME';
    if (invocation.brokers === undefined) return 'the brokers are missing: --kafka BROKERS';
    if (invocation.topic === undefined) return 'the topic is missing: --topic NAME';
  }
  const answer = ask ?? (async (_, fallback) => fallback);
  if (!kafka && (await answer('Is the log a file or on kafka?', 'file')) !== 'kafka') {
    const path = await answer('Which file?', 'access.log');
    return { log: { kind: 'file', path }, sample };
  }
  const brokers = invocation.brokers ?? brokersOf(await answer('Which brokers?', 'localhost:9092'));
  if (brokers === undefined) return brokersFault;
  const topic = invocation.topic ?? (await answer('Which topic?', 'api-usage'));
  const named = sample ?? (await answer('A file with some of its records, to look at (none: leave empty)?', ''));
  return { log: { kind: 'kafka', brokers, topic }, sample: named === '' ? undefined : named };
};

/** Questions on standard error, answers from standard input. */
const asking = ({ terminal, stop }: { readonly terminal: Terminal; readonly stop: AbortSignal }): Ask => {
  return (question, fallback) =>
    new Promise((resolve, reject) => {
      const lines = createInterface({ input: process.stdin, output: terminal.err });
      const gone = () => reject(new OperatorError('no answer; nothing was written'));
      // In a terminal Ctrl-C comes here and not as a signal.
      lines.on('close', gone).on('SIGINT', () => lines.close());
      stop.addEventListener('abort', () => lines.close(), { once: true });
      lines.question(`${question}${fallback === '' ? '' : ` [${fallback}]`} `, (answer) => {
        resolve(answer.trim() === '' ? fallback : answer.trim());
        lines.close();
      });
    });
};
