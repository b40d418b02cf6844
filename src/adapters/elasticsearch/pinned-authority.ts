import { connect, type DetailedPeerCertificate } from 'node:tls';

/** `AB:CD:…` and `abcd…` are the same fingerprint. */
const plain = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();

/** Longest chain looked at. */
const CHAIN = 8;

/**
 * The certificate of SHA-256 `fingerprint` out of the chain that a node presents, as PEM, or undefined when it presents
 * none such. Nothing is sent on that connection. The certificate is then the only authority that the real connections
 * trust: that a presented chain merely *contains* it proves nothing, since anybody can send along a public certificate.
 * Rejects when the node cannot be reached within `timeoutMs`.
 */
export function pinnedAuthority(node: URL, fingerprint: string, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const host = node.hostname.replace(/^\[|\]$/g, '');
    const port = Number(node.port || 443);
    // Not verified here, by design: this connection only fetches what the fingerprint then identifies.
    const socket = connect({ host, port, servername: /[a-z]/i.test(host) ? host : '', rejectUnauthorized: false });
    const timer = setTimeout(() => socket.destroy(new Error(`no TLS answer within ${timeoutMs} ms`)), timeoutMs);
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      const found = findInChain(socket.getPeerCertificate(true), plain(fingerprint));
      socket.destroy();
      resolve(found === undefined ? undefined : pem(found));
    });
  });
}

function findInChain(leaf: DetailedPeerCertificate, fingerprint: string): Buffer | undefined {
  let certificate: DetailedPeerCertificate | undefined = leaf;
  for (let i = 0; i < CHAIN && certificate?.raw !== undefined; i++) {
    if (plain(certificate.fingerprint256) === fingerprint) return certificate.raw;
    // The last of a chain names itself as its issuer.
    certificate = certificate.issuerCertificate === certificate ? undefined : certificate.issuerCertificate;
  }
  return undefined;
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
