import { systemClock } from '../adapters/clock';
import { safeText } from '../adapters/terminal';
import { type OutputResult, testAlerts, testWebhook } from '../app/test-message';
import type { CommandContext } from '../options';
import type { TestAlertInvocation } from './commands/test-alert';
import type { TestWebhookInvocation } from './commands/test-webhook';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';

const MAX_SHOWN = 500;

/** `keywatch test-alert`: 0 where every output took the document, 1 where one did not. */
export const testAlert = async (invocation: TestAlertInvocation, context: CommandContext): Promise<number> => {
  const loaded = loadOrExplain(invocation.config, context.terminal);
  if (loaded === undefined) return exitCodes.configuration;
  const { kind, severity } = invocation;
  const results = await testAlerts({ config: loaded.config, context, clock: systemClock }, kind, severity);
  for (const result of results) context.terminal.out.write(`${resultLine(result)}\n`);
  return results.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.fault;
};

/** `keywatch test-webhook`: 0 where the receiver answered 2xx. */
export const testWebhookCommand = async (
  invocation: TestWebhookInvocation,
  { terminal }: CommandContext,
): Promise<number> => {
  const loaded = loadOrExplain(invocation.config, terminal);
  if (loaded === undefined) return exitCodes.configuration;
  const result = await testWebhook({ config: loaded.config, clock: systemClock }, invocation.key);
  terminal.out.write(`${resultLine(result)}\n`);
  const meaning = meaningOf(result);
  if (meaning !== undefined) terminal.out.write(`        ${meaning}\n`);
  return result.ok ? exitCodes.ok : exitCodes.fault;
};

const resultLine = ({ output, ok, detail, ms }: OutputResult): string =>
  `${ok ? 'ok    ' : 'FAILED'}  ${safeText(output, 120)}: ${safeText(detail, MAX_SHOWN)} (${ms} ms)`;

/** What to do about an answer; undefined where all is well. */
export function meaningOf({ ok, detail }: Pick<OutputResult, 'ok' | 'detail'>): string | undefined {
  if (ok) return undefined;
  const status = Number(/^HTTP (\d{3})/.exec(detail)?.[1] ?? 0);
  if (status === 401 || status === 403) {
    return 'the receiver does not accept the signature: same secret on both sides? the exact bytes of the body? its clock?';
  }
  if (status === 404 || status === 405) return 'nothing takes a POST there: is enforce.webhook.url the whole address?';
  if (status === 400 || status === 422) {
    return 'the receiver does not know the type keywatch.test: answer it 2xx and do nothing (docs/webhook.md)';
  }
  if (status === 410) return 'the receiver says that it is gone for good: keywatch would not try again';
  if (status >= 300 && status < 400) return 'give the address it redirects to: a signed message is not sent on';
  if (status >= 400) return 'the receiver failed: its own log says why; keywatch would try again for enforce.notAfter';
  if (detail === 'timeout') return 'no answer within enforce.webhook.timeout: keywatch would try again';
  return 'it was not reached: name, port, firewall, certificate; private addresses need enforce.webhook.allowPrivate';
}
