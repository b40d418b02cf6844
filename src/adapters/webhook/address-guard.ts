import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';

/** The receiver's host leads to an address that must not be reached. Names neither host nor address. */
export class RefusedAddress extends Error {
  readonly code = 'REFUSED_ADDRESS';
  /** @param setting the list that could have named the address */
  constructor(setting = 'enforce.webhook.allowPrivate') {
    super(`the receiver is at a private or reserved address that ${setting} does not name`);
    this.name = 'RefusedAddress';
  }
}

/** Resolves a host name to all its addresses; `dns.lookup` by default. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * The `lookup` of a socket: the addresses that are handed on are the ones that were judged, so there is no second
 * resolution that an attacker's name server could answer otherwise. Refused ones are left out.
 */
export function guardedLookup(
  isOpen: (address: string) => boolean,
  resolve: Resolve,
  setting?: string,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      const addresses = error === null ? found.filter(({ address }) => isOpen(address)) : [];
      const [first] = addresses;
      if (error !== null) callback(error, '', 0);
      else if (first === undefined) callback(new RefusedAddress(setting), '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/**
 * A connector for undici that reaches open addresses only. Judged three times: an address written in the URL (sockets
 * look those up nowhere), every resolved address, and the peer of the connected socket. `timeoutMs` is for connecting.
 * @param setting name of the setting that refusals point to
 */
export function guardedConnector(
  isOpen: (address: string) => boolean,
  timeoutMs: number,
  resolve: Resolve = systemLookup,
  setting?: string,
): buildConnector.connector {
  const connect = buildConnector({
    timeout: timeoutMs,
    lookup: guardedLookup(isOpen, resolve, setting),
  } as buildConnector.BuildOptions);
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !isOpen(host)) {
      callback(new RefusedAddress(setting), null);
      return;
    }
    connect(options, (...result) => {
      const [error, socket] = result;
      if (error === null && !isOpen(socket.remoteAddress ?? '')) {
        socket.destroy();
        callback(new RefusedAddress(setting), null);
        return;
      }
      callback(...result);
    });
  };
}
