import { createServer, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import parse from 'nsyslog-parser';
import { createSyslogDatagramSink } from '../../../src/adapters/syslog/datagram';
import { octetCounted, syslogMessage } from '../../../src/adapters/syslog/message';
import { createSyslogStreamSink, type SyslogStreamOptions } from '../../../src/adapters/syslog/stream';
import type { AlertDocument } from '../../../src/domain/alert';
import { alertSinkContract } from '../../contracts/alert-sink';
import { alertDocument } from '../../support/alerts';
import { type Certificates, makeCertificates } from '../../support/certificates';
import { temporaryDirectories } from '../../support/files';
import { hostileAlert, openedAlert } from '../../support/siem-alerts';
import { datagramReceiver, type SyslogReceiver, streamReceiver } from '../../support/syslog-receiver';

const directory = temporaryDirectories();
const frame = { facility: 'local3', hostname: 'guard-0', version: '0.1.0', maxBytes: 8_192 } as const;
const expected = (document: AlertDocument) => syslogMessage(document, frame);
const documents = (...ids: string[]) => ids.map((id) => alertDocument({ id }));
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function streamSink(port: number, over: Partial<SyslogStreamOptions> = {}) {
  const sink = createSyslogStreamSink({
    name: 'syslog:test',
    host: '127.0.0.1',
    port,
    tls: undefined,
    timeoutMs: 5_000,
    ...frame,
    ...over,
  });
  closing.push(sink.close);
  return sink;
}

async function receiver(tls?: TlsOptions): Promise<SyslogReceiver> {
  const made = await streamReceiver(tls);
  closing.push(made.close);
  return made;
}

let certificates: Certificates;
beforeAll(async () => {
  certificates = makeCertificates(await directory());
});
const serverTls = (): TlsOptions => ({ ...certificates.server });
const clientTls = () => ({ ca: certificates.ca, servername: 'siem.test' });

test('another parser reads what a message says, header and CEF', () => {
  const read = parse(syslogMessage(openedAlert, frame));
  expect(read).toMatchObject({
    type: 'CEF',
    facility: 'local3',
    level: 'crit',
    host: 'guard-0',
    appName: 'keywatch',
    messageid: 'alert',
    cef: { deviceVendor: 'keywatch', deviceEventClassID: 'likely-theft', severity: '10' },
    fields: { suid: 'key-123', src: '203.0.113.9', act: 'suspend', msg: openedAlert.event.reason },
  });
  expect(read.ts.toISOString()).toBe(openedAlert['@timestamp']);
});

test('octets are counted, not characters', () => {
  expect(octetCounted('ü𝄞').toString()).toBe('6 ü𝄞');
});

describe.each(['tcp', 'tls'] as const)('syslog over %s', (protocol) => {
  const sinkTo = (port: number) => streamSink(port, { tls: protocol === 'tls' ? clientTls() : undefined });
  const listen = () => receiver(protocol === 'tls' ? serverTls() : undefined);

  describe('contract', () => {
    alertSinkContract(async () => {
      const made = await streamReceiver(protocol === 'tls' ? serverTls() : undefined);
      let written = 0;
      return {
        create: async () => {
          const sink = sinkTo(made.port);
          // What the kernel took has yet to reach the receiver.
          const write = async (batch: readonly AlertDocument[]) => {
            await sink.write(batch);
            written += batch.length;
          };
          return { ...sink, write };
        },
        received: async () => {
          await made.have(written);
          return made.messages;
        },
        expected,
        close: made.close,
      };
    });
  });

  it('keeps one connection, and makes a new one when the receiver has ended it', async () => {
    const made = await listen();
    const sink = sinkTo(made.port);
    await sink.write(documents('1'));
    await sink.write(documents('2'));
    await made.have(2);
    expect(made.connections()).toBe(1);
    made.hangUp();
    // Of a connection that breaks under a write nothing is known; of one that has ended before, it is.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await sink.write(documents('3'));
    await made.have(3);
    expect([made.messages, made.connections()]).toEqual([documents('1', '2', '3').map(expected), 2]);
  });

  it('rejects while nobody listens, and delivers once somebody does', async () => {
    const made = await streamReceiver(protocol === 'tls' ? serverTls() : undefined);
    await made.close();
    const sink = sinkTo(made.port);
    await expect(sink.write(documents('1'))).rejects.toThrow('no connection (ECONNREFUSED)');
    const back = await streamReceiver(protocol === 'tls' ? serverTls() : undefined, made.port);
    closing.push(back.close);
    await sink.write(documents('1'));
    await back.have(1);
    expect(back.messages).toEqual(documents('1').map(expected));
  });

  it('gives up on a receiver that takes the connection and does not read', async () => {
    const held: Socket[] = [];
    const server = createServer((socket) => {
      held.push(socket.pause());
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(async () => {
      for (const socket of held) socket.destroy();
      server.close();
    });
    const { port } = server.address() as { port: number };
    const sink = streamSink(port, { timeoutMs: 200, tls: protocol === 'tls' ? clientTls() : undefined });
    const much = Array.from({ length: 2_000 }, (_, i) => hostileAlert(`${i} ${'x'.repeat(7_000)}`));
    await expect(sink.write(much)).rejects.toThrow(protocol === 'tls' ? 'not connected in time' : 'does not read');
  });

  it('a hostile document cannot begin a message of its own', async () => {
    const made = await listen();
    const sink = sinkTo(made.port);
    const hostile = ['\n', '\r\n<13>1 - - - - - - x', '\u2028', '\0', '10 <13>1 x'].map(hostileAlert);
    await sink.write([...hostile, openedAlert]);
    await made.have(hostile.length + 1);
    expect(made.messages).toEqual([...hostile, openedAlert].map(expected));
    expect(made.messages.join('')).not.toMatch(/[\n\r\0\u2028]/);
  });
});

describe('syslog over TLS', () => {
  it('refuses a receiver whose certificate is of nobody it trusts, or of another name', async () => {
    const made = await receiver(serverTls());
    const untrusted = streamSink(made.port, { tls: { servername: 'siem.test' } });
    await expect(untrusted.write(documents('1'))).rejects.toThrow(/no connection \(\w*(CERT|SIGNATURE)\w*\)/);
    const misnamed = streamSink(made.port, { tls: { ca: certificates.ca, servername: 'other.test' } });
    await expect(misnamed.write(documents('1'))).rejects.toThrow('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(made.messages).toEqual([]);
  });

  it('shows its own certificate where the receiver asks for one', async () => {
    const made = await receiver({ ...serverTls(), ca: certificates.ca, requestCert: true, rejectUnauthorized: true });
    const sink = streamSink(made.port, { tls: { ...clientTls(), ...certificates.client } });
    await sink.write(documents('1'));
    await made.have(1);
    expect(made.messages).toEqual(documents('1').map(expected));
  });
});

describe('syslog over udp', () => {
  describe('contract', () => {
    alertSinkContract(async () => {
      const made = await datagramReceiver();
      let written = 0;
      return {
        create: async () => {
          const sink = createSyslogDatagramSink({ name: 'syslog:udp', host: '127.0.0.1', port: made.port, ...frame });
          const write = async (batch: readonly AlertDocument[]) => {
            await sink.write(batch);
            written += batch.length;
          };
          return { ...sink, write };
        },
        received: async () => {
          await made.have(written);
          return made.messages;
        },
        expected,
        close: made.close,
      };
    });
  });

  it('never sends a larger datagram than it may', async () => {
    const made = await datagramReceiver();
    closing.push(made.close);
    const sink = createSyslogDatagramSink({
      name: 'udp',
      host: '127.0.0.1',
      port: made.port,
      ...frame,
      maxBytes: 1_024,
    });
    closing.push(sink.close);
    await sink.write([hostileAlert('ü='.repeat(30_000)), openedAlert]);
    await made.have(2);
    for (const message of made.messages) {
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1_024);
      expect(message).toContain(' act=suspend ');
    }
  });

  it('rejects a host that does not resolve', async () => {
    const sink = createSyslogDatagramSink({ name: 'udp', host: 'nowhere.invalid', port: 514, ...frame });
    closing.push(sink.close);
    await expect(sink.write(documents('1'))).rejects.toThrow('the host does not resolve');
  });
});
