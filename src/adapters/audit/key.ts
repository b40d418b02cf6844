import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDirectory, isMissing, replaceFile, writeAll } from '../file/durable';

export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** First 16 bytes of the SHA-256 of the public key's SPKI, in hexadecimal. */
  readonly fingerprint: string;
}

/** Beside the log and not in it, so that the log's folder can be handed to an auditor as it is. */
export const SIGNING_KEY_FILE = 'audit-signing-key.pem';
export const PUBLIC_KEY_FILE = 'public-key.pem';

export function fingerprintOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 32);
}

export const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();

/** A private Ed25519 key out of its PEM (PKCS #8). Throws, repeating nothing of it, on anything else. */
export function signingKeyOf(pem: string): SigningKey {
  let privateKey: KeyObject | undefined;
  try {
    privateKey = createPrivateKey(pem);
  } catch {
    // What is wrong with it may quote it.
  }
  if (privateKey?.asymmetricKeyType !== 'ed25519') {
    throw new Error('audit.signingKeyFrom: expected a private Ed25519 key in PEM (openssl genpkey -algorithm ed25519)');
  }
  const publicKey = createPublicKey(privateKey);
  return { privateKey, publicKey, fingerprint: fingerprintOf(publicKey) };
}

/** The public keys in a text of one or more PEM blocks. Throws where there is none, or one that is not Ed25519. */
export function publicKeysOf(text: string): readonly KeyObject[] {
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----/g) ?? [];
  if (blocks.length === 0) throw new Error('no public key in it (-----BEGIN PUBLIC KEY-----)');
  return blocks.map((block) => {
    let key: KeyObject | undefined;
    try {
      key = createPublicKey(block);
    } catch {
      // Told below.
    }
    if (key?.asymmetricKeyType !== 'ed25519') throw new Error('a public key in it is no Ed25519 key');
    return key;
  });
}

/** The key pair in the state directory; made, durably and readable by its owner only, where there is none. */
export async function keptSigningKey(stateDir: string): Promise<{ readonly key: SigningKey; readonly made: boolean }> {
  const path = join(stateDir, SIGNING_KEY_FILE);
  try {
    return { key: signingKeyOf(await readFile(path, 'utf8')), made: false };
  } catch (error) {
    if (!isMissing(error)) throw new Error(`${path} holds no signing key; put it back, or away, and start again`);
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await ensureDirectory(stateDir);
  await replaceFile(path, (handle) => writeAll(handle, Buffer.from(pem), 0));
  return { key: signingKeyOf(pem), made: true };
}

/** Lays the public key beside the log. Keys of before stay in the file: their heads must remain verifiable. */
export async function exportPublicKey(dir: string, key: SigningKey): Promise<string> {
  const path = join(dir, PUBLIC_KEY_FILE);
  const before = await readFile(path, 'utf8').catch(() => '');
  const pem = pemOf(key.publicKey);
  if (before.includes(pem)) return path;
  await ensureDirectory(dir);
  await replaceFile(path, (handle) => writeAll(handle, Buffer.from(`${before}${pem}`), 0));
  return path;
}
