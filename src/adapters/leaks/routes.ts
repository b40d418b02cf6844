import { createHash } from 'node:crypto';
import { Problem } from '../api/problem';
import type { InboundCall, InboundRoute } from '../inbound/server';
import type { LeakSender } from '../metrics-leaks';
import { verify, type WebhookSecret } from '../webhook/sign';
import { type LeakDesk, takeNotice } from './desk';
import { type GithubKeys, signedByGithub, tokenHash } from './github';
import { type Found, genericNotice, githubNotice } from './notices';

export interface LeakSenders {
  readonly github?: { readonly keys: GithubKeys; readonly feedback: boolean } | undefined;
  /** Of the generic notices. */
  readonly secrets?: readonly WebhookSecret[] | undefined;
}

const MAX_BODY = 1_048_576;
const JSON_TYPE = 'application/json';

/** `POST /v1/leaks/github` and `POST /v1/leaks`, as far as their senders can be proved. */
export function leakRoutes(desk: LeakDesk, { github, secrets }: LeakSenders): readonly InboundRoute[] {
  const routes: InboundRoute[] = [];
  const route = (path: string, run: InboundRoute['run']) =>
    routes.push({ method: 'POST', path, accepts: JSON_TYPE, maxBody: MAX_BODY, run });
  const refused = (sender: LeakSender) => {
    desk.telemetry.found(sender, 'refused', 1);
    return new Problem(401, 'The signature is missing, or none that is taken here.');
  };

  if (github !== undefined) {
    route('/v1/leaks/github', async ({ body, header }) => {
      const id = header('github-public-key-identifier');
      if (!signedByGithub(github.keys, id, header('github-public-key-signature'), body)) throw refused('github');
      const found = githubNotice(body);
      const known = await takeNotice(desk, 'github', digestOf(body), found);
      return json(github.feedback ? confirmed(found, known) : []);
    });
  }
  if (secrets !== undefined) {
    route('/v1/leaks', async (call) => {
      if (verify(secrets, signatureOf(call), call.body, desk.now()) !== undefined) throw refused('generic');
      await takeNotice(desk, 'generic', call.header('webhook-id') ?? '', genericNotice(call.body));
      return json({});
    });
  }
  return routes;
}

const signatureOf = ({ header }: InboundCall) => ({
  id: header('webhook-id'),
  timestamp: header('webhook-timestamp'),
  signature: header('webhook-signature'),
});

const digestOf = (body: Buffer) => createHash('sha256').update(body).digest('base64url');

/** Known tokens only: that keywatch does not know one does not make it a false positive. */
const confirmed = (found: readonly Found[], known: readonly boolean[]) =>
  found.flatMap(({ token, type }, i) =>
    token !== undefined && known[i] ? [{ token_hash: tokenHash(token), token_type: type, label: 'true_positive' }] : [],
  );

const json = (body: unknown) => ({ status: 200, type: JSON_TYPE, body: JSON.stringify(body) });
