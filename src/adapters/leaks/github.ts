import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

/** GitHub's public keys by their `key_identifier`. */
export type GithubKeys = ReadonlyMap<string, KeyObject>;

/** A base64 ASN.1 signature on P-256 has at most 72 bytes. */
const MAX_SIGNATURE = 128;

/** Throws an error that does not repeat the text where it is no public key on the curve P-256. */
export function githubKeyOf(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw new Error('expected a public key, PEM');
  }
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  if (asymmetricKeyType !== 'ec' || asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new Error('expected a public key on the curve P-256');
  return key;
}

/**
 * Whether the body was signed by one of the keys (ECDSA-NIST-P256V1-SHA256 over the raw body, base64 of ASN.1, as GitHub's
 * secret scanning partner programme has it). Nothing secret is compared: keys and signatures are public.
 */
export function signedByGithub(
  keys: GithubKeys,
  id: string | undefined,
  signature: string | undefined,
  body: Buffer,
): boolean {
  const key = keys.get(id ?? '');
  if (key === undefined || signature === undefined || signature.length > MAX_SIGNATURE) return false;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(signature)) return false;
  try {
    return verify('sha256', body, { key, dsaEncoding: 'der' }, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** How GitHub takes feedback on a token without the token: SHA-256, in hexadecimal. */
export const tokenHash = (token: string): string => createHash('sha256').update(token, 'utf8').digest('hex');
