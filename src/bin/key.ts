import { randomUUID } from 'node:crypto';
import { type ApiAnswer, type ClientOptions, callApi, NoAnswer } from '../adapters/api/client';
import { resolveSecret, SecretError } from '../adapters/secrets';
import { safeText } from '../adapters/terminal';
import type { CommandContext } from '../options';
import type { KeyInvocation } from './commands/key';
import { exitCodes } from './exit-codes';
import { keyText } from './key-text';
import { loadOrExplain } from './load-config';

/** `keywatch key`: one verb of the API. 0 when it was done, 1 when it was refused or nobody answers. */
export const key = async (invocation: KeyInvocation, { terminal }: CommandContext): Promise<number> => {
  const loaded = loadOrExplain(invocation.config, terminal, { checkFiles: false });
  if (loaded === undefined) return exitCodes.configuration;
  const complain = (text: string, code: number) => {
    terminal.err.write(`keywatch: ${safeText(text, 1_000)}\n`);
    return code;
  };
  const { api } = loaded.config;
  if (api === undefined)
    return complain(
      `${invocation.config}: there is no section api, so there is nobody to ask`,
      exitCodes.configuration,
    );
  if (api.port === 0)
    return complain(
      `${invocation.config}: api.port is 0, any free port: only the log names it`,
      exitCodes.configuration,
    );
  try {
    const client: ClientOptions = {
      host: api.host,
      port: api.port,
      cert: api.tls && resolveSecret(api.tls.certFrom),
      token: resolveSecret(invocation.tokenFrom),
    };
    const answer = await carryOut(invocation, client);
    if (answer.status >= 400) return complain(refusalText(answer), exitCodes.fault);
    terminal.out.write(invocation.json ? `${JSON.stringify(answer.body)}\n` : keyText(invocation.verb, answer.body));
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof NoAnswer) return complain(error.message, exitCodes.fault);
    if (error instanceof SecretError) return complain(error.message, exitCodes.configuration);
    throw error;
  }
};

async function carryOut(invocation: KeyInvocation, client: ClientOptions): Promise<ApiAnswer> {
  const { verb, reason, span, force, facets, withdraw, incident } = invocation;
  const path = `/v1/keys/${encodeURIComponent(invocation.key)}`;
  const idempotency = invocation.idempotencyKey ?? randomUUID();
  const post = (to: string, body: Record<string, unknown>) =>
    callApi(client, { method: 'POST', path: to, body: given(body), key: idempotency });
  switch (verb) {
    case 'show':
      return callApi(client, { method: 'GET', path });
    case 'suspend':
      return post(`${path}/suspend`, { reason, for: span, force: force || undefined, incident });
    case 'release':
      return post(`${path}/release`, { reason });
    case 'expect':
      return post(`${path}/expect`, { facets, for: span });
    case 'feedback': {
      if (withdraw !== undefined) {
        const of = `/v1/incidents/${encodeURIComponent(incident ?? '')}/feedback/${encodeURIComponent(withdraw)}`;
        return callApi(client, { method: 'DELETE', path: of });
      }
      const newest = incident === undefined ? await newestOf(client, path) : incident;
      if (typeof newest !== 'string') return newest;
      const { verdict, facet, suspend } = invocation;
      return post(`/v1/incidents/${encodeURIComponent(newest)}/feedback`, {
        verdict,
        facet: verdict === 'benign' ? facet : undefined,
        suspend: verdict === 'theft' && suspend ? true : undefined,
        for: span,
        note: reason,
      });
    }
  }
}

/** Id of the newest incident of the key, or the refusal. */
async function newestOf(client: ClientOptions, path: string): Promise<string | ApiAnswer> {
  const answer = await callApi(client, { method: 'GET', path });
  if (answer.status >= 400) return answer;
  const id = (answer.body as { incidents?: readonly { id?: unknown }[] }).incidents?.[0]?.id;
  if (typeof id === 'string') return id;
  return { status: 404, body: { title: 'Not found', detail: 'The key has no incident.' } };
}

const given = (body: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));

function refusalText({ status, body }: ApiAnswer): string {
  const { title, detail, faults } = (body ?? {}) as {
    title?: unknown;
    detail?: unknown;
    faults?: readonly { at?: unknown; expected?: unknown }[];
  };
  const more = (Array.isArray(faults) ? faults : []).map(({ at, expected }) => `${at}: ${expected}`);
  return [`${title ?? 'refused'} (${status}): ${detail ?? ''}`, ...more].join('; ');
}
