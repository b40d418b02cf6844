import { Agent, type buildConnector, request } from 'undici';
import { dateReading } from './clock';
import type { Examined } from './examined';
import { CHECK_MS, codeText, type Finding, failed, ok, within } from './finding';

export interface SplunkPlace {
  /** Of the collector, without its path. */
  readonly url: string;
  readonly token: string;
  readonly connect: buildConnector.connector;
}

const MAX_ANSWER_BYTES = 16_384;

/** Asks `/services/collector/health` with the token: 200 healthy, 400 or 403 the token, 503 full queues. */
export async function splunkFindings({ url, token, connect }: SplunkPlace, now: () => number): Promise<Examined> {
  const check = `Splunk ${new URL(url).host}`;
  const dispatcher = new Agent({ connect, connections: 1 });
  try {
    const { status, date } = await within(CHECK_MS, async (signal) => {
      const answer = await request(new URL('/services/collector/health', url), {
        dispatcher,
        signal,
        headers: { 'user-agent': 'keywatch', authorization: `Splunk ${token}` },
      });
      await answer.body.dump({ limit: MAX_ANSWER_BYTES });
      return { status: answer.statusCode, date: answer.headers.date };
    });
    const reading = dateReading(check, date, now());
    return { findings: [said(check, status)], clocks: reading === undefined ? [] : [reading] };
  } catch (error) {
    const code = codeText(error);
    const todo = /CERT|SELF_SIGNED|ISSUER|SSL/.test(code)
      ? 'set tls.caFile to the authority of the collector'
      : 'see that url names the event collector (port 8088 by default), that it is on, and that no firewall is in between';
    return { findings: [failed(check, `cannot be reached (${code})`, todo)], clocks: [] };
  } finally {
    await dispatcher.destroy();
  }
}

const said = (check: string, status: number): Finding => {
  if (status === 200) return ok(check, 'the event collector is healthy');
  if (status === 400 || status === 401 || status === 403) {
    return failed(
      check,
      `the token is refused (HTTP ${status})`,
      'renew the token that tokenFrom leads to, and enable it',
    );
  }
  if (status === 503) {
    return failed(check, 'the event collector is not healthy (HTTP 503): its queues are full', 'see to the indexers');
  }
  return failed(check, `answers with HTTP ${status}`, 'see that url names the event collector itself, without a path');
};
