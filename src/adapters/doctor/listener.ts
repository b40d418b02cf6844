import { createServer } from 'node:net';
import { createSecureContext } from 'node:tls';
import { CHECK_MS, codeText, type Finding, failed, ok, within } from './finding';

/**
 * Whether a process could listen there: listens itself, for a moment, and answers nobody. `ours` is the process that runs with
 * this state, where there is one: the port is then taken by it, as far as can be seen from here.
 */
export async function portFree(check: string, host: string, port: number, ours: number | undefined): Promise<Finding> {
  const place = `${host}:${port}`;
  try {
    await within(CHECK_MS, () => listenOnce(host, port));
    return ok(check, port === 0 ? `a free port of ${host} is taken at each start` : `${place} is free`);
  } catch (error) {
    const code = codeText(error);
    if (code === 'EADDRINUSE' && ours !== undefined)
      return ok(check, `${place} is in use, as is this state, by process ${ours} as it seems`);
    return failed(check, `keywatch cannot listen on ${place} (${code})`, todoFor(code));
  }
}

const todoFor = (code: string): string => {
  if (code === 'EADDRINUSE') return 'another process listens there: stop it, or name another port';
  if (code === 'EACCES') return 'name a port above 1023, or give keywatch the right to listen below';
  return 'name an address that this machine has';
};

function listenOnce(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}

/** Whether a certificate and its private key, both PEM, can be served together. Repeats nothing of them. */
export function servable(check: string, cert: string, key: string): Finding {
  try {
    createSecureContext({ cert, key });
    return ok(check, 'certificate and private key belong together');
  } catch (error) {
    return failed(
      check,
      `they cannot be served (${codeText(error)})`,
      'certFrom is the certificate with its chain, keyFrom its private key without passphrase, both PEM',
    );
  }
}
