import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { AlertSink } from '../../ports';
import { createTurns } from '../turns';
import { createUnfinished } from '../unfinished';
import { octetCounted, type SyslogFrame, syslogMessage } from './message';

/** Documents handed to the kernel at once. */
const PORTION = 50;
const KEEP_ALIVE_MS = 30_000;

export interface SyslogStreamOptions extends SyslogFrame {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Undefined for plain TCP. */
  readonly tls: ConnectionOptions | undefined;
  /** For connecting, and for the kernel to take one portion, milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Alerts over syslog on TCP or TLS, with octet counting. The protocol has no acknowledgement: `write` resolves when the
 * kernel has taken the bytes on an open connection. What the receiver had not read when the connection broke is lost,
 * and nothing tells how much; a connection that the receiver has closed is noticed before the next write.
 */
export function createSyslogStreamSink(options: SyslogStreamOptions): AlertSink {
  const inTurn = createTurns();
  const unfinished = createUnfinished();
  let open: Socket | undefined;
  let closed = false;

  async function socket(): Promise<Socket> {
    if (closed) throw new Error(`${options.name} is closed`);
    // Lets an end that lies in the kernel's queue be seen first.
    await new Promise((resolve) => setImmediate(resolve));
    if (open !== undefined && !open.destroyed && open.writable) return open;
    open?.destroy();
    open = await connected(options);
    return open;
  }

  return {
    name: options.name,
    write: (documents) =>
      inTurn(async () => {
        const rest = unfinished.rest(documents);
        for (let at = 0; at < rest.length; at += PORTION) {
          const portion = rest.slice(at, at + PORTION);
          const bytes = Buffer.concat(portion.map((document) => octetCounted(syslogMessage(document, options))));
          try {
            await handOver(await socket(), bytes, options.timeoutMs);
          } catch (error) {
            open?.destroy();
            open = undefined;
            throw error;
          }
          unfinished.have(portion);
        }
        unfinished.finish();
      }),
    close: () =>
      inTurn(async () => {
        closed = true;
        if (open === undefined || open.destroyed) return;
        const ending = open;
        await new Promise<void>((resolve) => {
          const giveUp = setTimeout(() => ending.destroy(), options.timeoutMs);
          ending.once('close', () => {
            clearTimeout(giveUp);
            resolve();
          });
          ending.destroySoon();
        });
      }),
  };
}

/** An open connection (for TLS with the handshake done and the certificate checked), or a throw within the time. */
function connected({ host, port, tls, timeoutMs }: SyslogStreamOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket: Socket = tls === undefined ? connectTcp({ host, port }) : connectTls({ ...tls, host, port });
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error('not connected in time')), timeoutMs);
    socket.once('error', (error) => fail(worded(error)));
    const established: string = tls === undefined ? 'connect' : 'secureConnect';
    socket.once(established, () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      // Whoever writes learns of it by the write's own callback or by the destroyed socket.
      socket.on('error', () => {});
      // A receiver has nothing to say, but its end is only seen when what comes before it is read.
      socket.resume();
      resolve(socket);
    });
  });
}

function handOver(socket: Socket, bytes: Buffer, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error('the receiver does not read'));
    }, timeoutMs);
    socket.write(bytes, (error) => {
      clearTimeout(timer);
      if (error) reject(worded(error));
      else resolve();
    });
  });
}

/** The code of a socket's or certificate's failure, without its message. */
function worded(error: Error): Error {
  const { code } = error as NodeJS.ErrnoException;
  return new Error(`no connection (${typeof code === 'string' ? code : 'failed'})`);
}
