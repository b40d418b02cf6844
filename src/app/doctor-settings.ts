import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tokenProblem } from '../adapters/api/tokens';
import { SIGNING_KEY_FILE, signingKeyOf } from '../adapters/audit/key';
import { type Finding, failed, faultText, ok, warning } from '../adapters/doctor/finding';
import { portFree, servable } from '../adapters/doctor/listener';
import { isMissing } from '../adapters/file/durable';
import { lockHolder } from '../adapters/file/lock';
import { resolveSecret } from '../adapters/secrets';
import type { Config } from '../config';

/** A pepper of fewer characters can be found by trial, and with it the keys and addresses behind their hashes. */
const SHORTEST_PEPPER = 16;

/** What listens, signs and hashes: the API, the listener of notices, the audit key, the peppers. Findings hold no secret. */
export async function settingFindings(config: Config): Promise<readonly Finding[]> {
  const holder = await lockHolder(config.state.dir).catch(() => undefined);
  const found = await Promise.all([
    config.api && listenerFindings('API', config.api, holder),
    config.api?.tokens.map(tokenFinding),
    config.inbound && listenerFindings('inbound', config.inbound, holder),
    auditKeyFinding(config).then((finding) => [finding]),
    pepperFindings(config),
  ]);
  return found.flatMap((findings) => findings ?? []);
}

type Listener = NonNullable<Config['api'] | Config['inbound']>;

async function listenerFindings(
  name: string,
  { host, port, tls }: Pick<Listener, 'host' | 'port' | 'tls'>,
  holder: number | undefined,
): Promise<readonly Finding[]> {
  const check = `${name} certificate`;
  return [
    await portFree(`${name} port`, host, port, holder),
    ...(tls === undefined
      ? []
      : [withSecrets(check, [tls.certFrom, tls.keyFrom], ([cert, key]) => servable(check, cert, key))]),
  ];
}

const tokenFinding = ({ name, tokenFrom }: NonNullable<Config['api']>['tokens'][number]): Finding => {
  const check = `API token ${name}`;
  return withSecrets(check, [tokenFrom], ([token]) => {
    const problem = tokenProblem(token);
    return problem === undefined
      ? ok(check, 'is there, and long enough')
      : failed(check, problem, 'put such a one where tokenFrom leads, then restart keywatch');
  });
};

async function auditKeyFinding({ audit, state }: Config): Promise<Finding> {
  const check = 'audit signing key';
  const todo = 'openssl genpkey -algorithm ed25519 makes one; a new key begins a new chain of trust, see docs/audit.md';
  if (audit.signingKeyFrom !== undefined)
    return withSecrets(check, [audit.signingKeyFrom], ([pem]) => keyFinding(check, pem, 'audit.signingKeyFrom', todo));
  const path = join(state.dir, SIGNING_KEY_FILE);
  try {
    await access(path, constants.R_OK);
    return keyFinding(
      check,
      await readFile(path, 'utf8'),
      path,
      'put the key back from a copy, or away: then a new one is made',
    );
  } catch (error) {
    if (isMissing(error)) return ok(check, `none yet: the first start makes one in ${state.dir}`);
    return failed(check, `${path} cannot be read (${faultText(error)})`, 'give the user that runs keywatch access');
  }
}

const keyFinding = (check: string, pem: string, place: string, todo: string): Finding => {
  try {
    return ok(check, `fingerprint ${signingKeyOf(pem).fingerprint}`);
  } catch {
    return failed(check, `${place} leads to no private Ed25519 key in PEM`, todo);
  }
};

function pepperFindings({ ingest, privacy }: Config): readonly Finding[] {
  const settings = [
    ['ingest.pepperFrom', ingest.pepperFrom],
    ['privacy.pepperFrom', privacy.pepperFrom],
  ] as const;
  return settings.flatMap(([check, from]) =>
    from === undefined
      ? []
      : [
          withSecrets(check, [from], ([pepper]) =>
            pepper.length >= SHORTEST_PEPPER
              ? ok(check, 'is there, and long enough')
              : warning(
                  check,
                  `has fewer than ${SHORTEST_PEPPER} characters: what it hides can be found by trial`,
                  'openssl rand -hex 32 makes a better one; with another pepper every key is a new key',
                ),
          ),
        ],
  );
}

/** That a secret cannot be had is told by the check of the configuration, too; here it stands beside what needs it. */
function withSecrets(check: string, from: readonly string[], look: (secrets: readonly string[]) => Finding): Finding {
  let secrets: readonly string[];
  try {
    secrets = from.map((each) => resolveSecret(each));
  } catch (error) {
    return failed(check, faultText(error), 'provide the secret, or correct the name; then keywatch check-config');
  }
  return look(secrets);
}
