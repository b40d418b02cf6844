import { stat } from 'node:fs/promises';
import { endOfLastLine } from '../adapters/file/ndjson-file';
import { wants } from '../adapters/routing/plan';
import { resolveSecret } from '../adapters/secrets';
import { parseSecrets } from '../adapters/webhook/sign';
import { createWebhook } from '../adapters/webhook/webhook';
import type { Config } from '../config';
import { type AlertDocument, ECS_VERSION, type SeverityName, severityOfName } from '../domain/alert';
import { type CommandContext, OperatorError } from '../options';
import type { AlertSink, Clock, EnforcementCommand } from '../ports';
import { alertSinkOf } from './outputs';

export interface TestOptions {
  readonly config: Config;
  readonly context: Pick<CommandContext, 'terminal' | 'version'>;
  readonly clock: Clock;
}

export interface OutputResult {
  /** Place in the configuration, and what it is. */
  readonly output: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly ms: number;
}

/** One output gets this long; whatever it does afterwards is not waited for. */
const LIMIT_MS = 30_000;

/** A document that means nothing and says so in every format: its title begins with TEST. The id is derived from the time. */
export function testDocument(
  now: number,
  kind: 'alert' | 'event',
  severity: SeverityName,
  mode: Config['enforce']['mode'],
): AlertDocument {
  const at = new Date(now).toISOString();
  return {
    '@timestamp': at,
    ecs: { version: ECS_VERSION },
    message: 'TEST: keywatch test alert',
    event: {
      id: `keywatch-test-${now}`,
      kind,
      category: ['configuration'],
      type: ['info'],
      action: 'keywatch-test',
      outcome: 'success',
      module: 'keywatch',
      dataset: 'keywatch.alert',
      risk_score: 0,
      severity: severityOfName[severity],
      reason: `TEST: sent by keywatch test-alert at ${at}. Nothing has happened; no key is meant.`,
      sequence: 0,
    },
    keywatch: { mode, action: 'observe', evidence: [], test: true },
  };
}

/**
 * Writes a test document to every configured output through its real sink, past routing and outbox. Never rejects for what
 * an output does. The state directory is not touched.
 */
export function testAlerts(
  { config, context, clock }: TestOptions,
  kind: 'alert' | 'event',
  severity: SeverityName,
): Promise<readonly OutputResult[]> {
  const document = testDocument(clock.now(), kind, severity, config.enforce.mode);
  return Promise.all(
    config.alerts.map(async (output, i) => {
      const startedAt = clock.now();
      const { ok, name, detail } = await written(output, document, context, clock);
      const routed =
        ok && !wants(output, document) ? '; its minSeverity or kinds would keep such a document from it' : '';
      return { output: `alerts[${i}] ${name}`, ok, detail: `${detail}${routed}`, ms: clock.now() - startedAt };
    }),
  );
}

type Output = Config['alerts'][number];

async function written(output: Output, document: AlertDocument, context: TestOptions['context'], clock: Clock) {
  let refusal: string | undefined;
  let sink: AlertSink | undefined;
  const done = new AbortController();
  try {
    // A file is rotated by the running process alone.
    const plain: Output = output.kind === 'file' ? { ...output, rotate: undefined } : output;
    if (output.kind === 'file') await unfinishedLine(output.path, clock);
    const reject = async (_: string, __: AlertDocument, reason: string) => {
      refusal = reason;
    };
    sink = alertSinkOf(plain, context.terminal, () => undefined, reject, context.version);
    const late = clock.sleep(LIMIT_MS, done.signal).then(() => {
      throw new Error(`no answer within ${LIMIT_MS / 1_000} s`);
    });
    late.catch(() => undefined);
    await Promise.race([sink.write([document]), late]);
    if (refusal !== undefined) throw new Error(`refused for good: ${refusal}`);
    return { ok: true, name: sink.name, detail: 'taken' };
  } catch (error) {
    return {
      ok: false,
      name: sink?.name ?? output.kind,
      detail: error instanceof Error ? error.message : String(error),
    };
  } finally {
    done.abort();
    if (sink !== undefined) await Promise.race([sink.close().catch(() => undefined), clock.sleep(1_000)]);
  }
}

/** A line that a running process has begun must not be taken for what a crash left, and cut off. */
async function unfinishedLine(path: string, clock: Clock): Promise<void> {
  for (let look = 1; ; look += 1) {
    const end = await endOfLastLine(path);
    if (end === undefined || (await stat(path)).size === end) return;
    if (look >= 5) throw new Error('the file ends in an unfinished line; nothing was written');
    await clock.sleep(200);
  }
}

/** Body of the message that a receiver must answer with 2xx and not act on; signed like every other. */
export const testCommand = (key: string, now: number) => {
  const id = `keywatch-test-${now}`;
  const body = {
    type: 'keywatch.test',
    timestamp: new Date(now).toISOString(),
    data: {
      action_id: id,
      idempotency_key: id,
      mode: 'test',
      key: { id: key, name: 'keywatch test', tenant: '', tier: '' },
      action: { name: 'none' },
      reason: { sentence: 'TEST: sent by keywatch test-webhook. Nothing is to be done.' },
    },
  };
  return { id, body };
};

/** Sends a test message to the configured receiver, once. Throws where none is configured. */
export async function testWebhook({ config, clock }: Omit<TestOptions, 'context'>, key: string): Promise<OutputResult> {
  const { webhook } = config.enforce;
  if (webhook === undefined) throw new OperatorError('enforce.webhook is not configured');
  const enforcer = createWebhook({
    ...webhook,
    secrets: parseSecrets(resolveSecret(webhook.secretFrom)),
    timeoutMs: webhook.timeout,
    clock,
  });
  const startedAt = clock.now();
  try {
    // The webhook sends id and body, and looks at nothing else.
    const command = testCommand(key, startedAt) as unknown as EnforcementCommand;
    const { ok, detail } = await enforcer.deliver(command, new AbortController().signal);
    return { output: enforcer.name, ok, detail, ms: clock.now() - startedAt };
  } finally {
    await enforcer.close();
  }
}
