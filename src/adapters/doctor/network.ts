import { lookup } from 'node:dns/promises';
import { connect as connectPlain, isIP } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { SyslogOutput } from '../../config/outputs/syslog';
import { addressRules } from '../webhook/address-rules';
import { webhookUrlFault } from '../webhook/webhook';
import { CHECK_MS, codeText, type Finding, failed, OutOfTime, ok, within } from './finding';

/** Resolves when a connection stood (with TLS: was believed); it is closed again, nothing was sent on it. */
export const connects = (host: string, port: number, tls?: ConnectionOptions): Promise<void> =>
  within(
    CHECK_MS,
    (signal) =>
      new Promise((resolve, reject) => {
        const name = isIP(host) === 0 ? { servername: host } : {};
        const socket = tls === undefined ? connectPlain({ host, port }) : connectTls({ host, port, ...name, ...tls });
        signal.addEventListener('abort', () => socket.destroy());
        socket.once(tls === undefined ? 'connect' : 'secureConnect', () => resolve());
        socket.once('error', reject);
        socket.once('close', () => reject(new Error('the connection was closed')));
      }),
  );

/** Whether a syslog receiver takes connections. UDP has no answer: there only the name is looked up. */
export const syslogReceives = async (
  { protocol, host, port = protocol === 'tls' ? 6_514 : 514 }: SyslogOutput,
  tls: ConnectionOptions,
): Promise<Finding> => {
  const check = `syslog ${host}:${port}`;
  if (protocol === 'udp') {
    try {
      await within(CHECK_MS, () => lookup(host));
      return ok(check, 'the name resolves; whether anything listens, UDP does not tell');
    } catch (error) {
      return failed(check, `the name does not resolve (${codeText(error)})`, 'correct host, or the name service');
    }
  }
  try {
    await connects(host, port, protocol === 'tls' ? tls : undefined);
    return ok(check, `takes ${protocol.toUpperCase()} connections`);
  } catch (error) {
    const code = codeText(error);
    const certificate = /CERT|SELF_SIGNED|ISSUER|ALTNAME|SSL|TLS/.test(code);
    return failed(
      check,
      `no ${protocol.toUpperCase()} connection (${code})`,
      certificate
        ? 'set tls.caFile to the authority of the receiver, tls.serverName to a name in its certificate, or the client certificate that it wants'
        : 'see that the receiver listens there and that no firewall is in between',
    );
  }
};

export interface GuardedPlace {
  /** What it is for people, with the host only where that is no secret. */
  readonly check: string;
  readonly url: string;
  /** Place in the configuration, for the advice. */
  readonly setting: string;
  readonly allowPrivate: readonly string[];
  readonly allowHttp: boolean;
}

/** Whether a webhook's host leads to an address that may be reached. Nothing is sent and nothing connected. */
export const webhookPlace = async (place: GuardedPlace): Promise<Finding> => {
  const { check, url, setting, allowPrivate, allowHttp } = place;
  const isOpen = addressRules(allowPrivate, `${setting}.allowPrivate`);
  const fault = webhookUrlFault(url, allowHttp, isOpen, setting);
  if (fault !== undefined) return failed(check, fault, `correct ${setting}, or name the address in allowPrivate`);
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return ok(check, 'the address is allowed; no request was sent');
  try {
    const found = await within(CHECK_MS, () => lookup(host, { all: true }));
    if (found.some(({ address }) => isOpen(address))) {
      return ok(check, 'the name resolves to an allowed address; no request was sent');
    }
    return failed(
      check,
      'the name resolves to private or reserved addresses only',
      `if that is where it should be, name them in ${setting}.allowPrivate`,
    );
  } catch (error) {
    const why = error instanceof OutOfTime ? error.message : codeText(error);
    return failed(check, `the name does not resolve (${why})`, `correct ${setting}.url, or the name service`);
  }
};
