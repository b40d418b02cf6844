import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Role, roles } from '../../config/api';

export interface Caller {
  /** Name of the token; never the token. */
  readonly name: string;
  readonly role: Role;
}

export interface Token extends Caller {
  readonly secret: string;
}

const MIN_CHARACTERS = 32;
/** As long as a header can be: a longer one is no token. */
const MAX_CHARACTERS = 4_096;

/** What is wrong with a secret as a token, or undefined. Says nothing of its content. */
export const tokenProblem = (secret: string): string | undefined => {
  if (secret.length < MIN_CHARACTERS)
    return `expected a token of at least ${MIN_CHARACTERS} characters, such as openssl rand -hex 32 makes`;
  // RFC 6750, b64token: what a header can carry without quoting.
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(secret)) return 'expected a token of letters, digits and -._~+/ alone';
  return secret.length > MAX_CHARACTERS ? `expected a token of at most ${MAX_CHARACTERS} characters` : undefined;
};

export const may = (caller: Caller, role: Role): boolean => roles.indexOf(caller.role) >= roles.indexOf(role);

/**
 * Answers whose token an `Authorization` header bears. Keyed digests of fixed length are compared, and always all of them:
 * how long it takes depends on nothing but the length of what was sent. The tokens themselves are not kept.
 */
export function createTokens(tokens: readonly Token[]): (authorization: string | undefined) => Caller | undefined {
  const pepper = randomBytes(32);
  const digest = (text: string) => createHmac('sha256', pepper).update(text, 'utf8').digest();
  const known = tokens.map(({ name, role, secret }) => ({ caller: { name, role }, digest: digest(secret) }));
  return (authorization) => {
    const sent = /^bearer ([^\s]{1,4096})$/i.exec(authorization ?? '')?.[1] ?? '';
    const wanted = digest(sent);
    let found: Caller | undefined;
    for (const one of known) if (timingSafeEqual(one.digest, wanted)) found = one.caller;
    return sent === '' ? undefined : found;
  };
}
