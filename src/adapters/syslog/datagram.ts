import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { AlertSink } from '../../ports';
import { createTurns } from '../turns';
import { type SyslogFrame, syslogMessage } from './message';

export interface SyslogDatagramOptions extends SyslogFrame {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Alerts over syslog on UDP, one a datagram. Nothing is known of their arrival: `write` resolves when the kernel has taken
 * them, and rejects only where the name does not resolve or this machine refuses to send. The host is looked up anew for
 * each write, so that a receiver may move.
 */
export function createSyslogDatagramSink(options: SyslogDatagramOptions): AlertSink {
  const inTurn = createTurns();
  const sockets = new Map<4 | 6, Socket>();

  const socketFor = (family: 4 | 6): Socket => {
    const known = sockets.get(family);
    if (known !== undefined) return known;
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    // An ICMP refusal of an earlier datagram: nothing can be done about it here.
    socket.on('error', () => {});
    socket.unref();
    sockets.set(family, socket);
    return socket;
  };

  return {
    name: options.name,
    write: (documents) =>
      inTurn(async () => {
        if (documents.length === 0) return;
        const { address, family } = await lookup(options.host).catch((error: NodeJS.ErrnoException) => {
          throw new Error(`the host does not resolve (${error.code ?? 'failed'})`);
        });
        const socket = socketFor(family === 6 ? 6 : 4);
        for (const document of documents) {
          const bytes = Buffer.from(syslogMessage(document, options));
          await new Promise<void>((resolve, reject) => {
            socket.send(bytes, options.port, address, (error) => {
              if (error) reject(new Error(`not sent (${(error as NodeJS.ErrnoException).code ?? 'failed'})`));
              else resolve();
            });
          });
        }
      }),
    close: () =>
      inTurn(async () => {
        for (const socket of sockets.values()) await new Promise<void>((resolve) => socket.close(() => resolve()));
        sockets.clear();
      }),
  };
}
