import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { eventually } from './time';

export interface SyslogReceiver {
  readonly port: number;
  /** Messages in the order of their arrival; the first is whole when `count` of them were waited for. */
  readonly messages: string[];
  /** Resolves when so many have come. */
  have(count: number): Promise<void>;
  /** Connections made so far. */
  connections(): number;
  /** Ends all connections from this side. */
  hangUp(): void;
  close(): Promise<void>;
}

/** Takes messages apart by octet counting (RFC 6587 3.4.1): a number, a space, so many bytes. */
function deframer(onMessage: (text: string) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const space = rest.indexOf(0x20);
      if (space < 0) return;
      const digits = rest.toString('latin1', 0, space);
      if (!/^[1-9]\d{0,6}$/.test(digits)) throw new Error(`no octet count: ${digits}`);
      const end = space + 1 + Number(digits);
      if (rest.length < end) return;
      onMessage(rest.toString('utf8', space + 1, end));
      rest = rest.subarray(end);
    }
  };
}

/** A syslog receiver on the loopback over TCP, or TLS where `tls` is given; `port` 0 takes a free one. */
export async function streamReceiver(tls?: TlsOptions, port = 0): Promise<SyslogReceiver> {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const take = (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on(
      'data',
      deframer((text) => messages.push(text)),
    );
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  };
  const server: Server = tls === undefined ? createServer(take) : createTlsServer(tls, take);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    have: (count) => eventually(() => messages.length >= count),
    connections: () => connections,
    hangUp: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A syslog receiver on the loopback over UDP. */
export async function datagramReceiver(): Promise<Omit<SyslogReceiver, 'connections' | 'hangUp'>> {
  const messages: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (bytes) => messages.push(bytes.toString('utf8')));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    port: socket.address().port,
    messages,
    have: (count) => eventually(() => messages.length >= count),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
