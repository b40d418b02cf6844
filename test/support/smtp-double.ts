import { createServer, type Socket } from 'node:net';

export interface SmtpMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came: headers, an empty line, body. */
  readonly data: string;
}

/** A mail server that knows as much of RFC 5321 as a client that sends one mail needs. `answers` replaces replies by verb. */
export async function smtpDouble(answers: Readonly<Record<string, string>> = {}) {
  const mails: SmtpMail[] = [];
  const sockets = new Set<Socket>();
  const reply: Record<string, string> = { ...answers };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let from = '';
    let to: string[] = [];
    let data: string | undefined;
    let waiting = '';
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 double ESMTP');
    const line = (text: string) => {
      if (data !== undefined) {
        if (text !== '.') {
          data += `${text.startsWith('.') ? text.slice(1) : text}\r\n`;
          return;
        }
        mails.push({ from, to, data });
        [from, to, data] = ['', [], undefined];
        say('250 taken');
        return;
      }
      const verb = text.split(/[ :]/)[0].toUpperCase();
      if (reply[verb] !== undefined) return void say(reply[verb]);
      if (verb === 'MAIL') from = /<(.*?)>/.exec(text)?.[1] ?? '';
      if (verb === 'RCPT') to.push(/<(.*?)>/.exec(text)?.[1] ?? '');
      if (verb === 'DATA') {
        data = '';
        return void say('354 go on');
      }
      say(verb === 'QUIT' ? '221 bye' : '250 ok');
    };
    socket.on('data', (chunk) => {
      waiting += chunk.toString('utf8');
      const lines = waiting.split('\r\n');
      waiting = lines.pop()!;
      for (const one of lines) line(one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as { port: number };
  return {
    port: address.port,
    mails,
    reply,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Header lines by lower-case name, unfolded, and the text as its reader sees it. */
export function readMail({ data }: SmtpMail) {
  const [head, ...rest] = data.split('\r\n\r\n');
  const headers = head
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const);
  const encoding = headers.find(([name]) => name === 'content-transfer-encoding')?.[1];
  const body = rest.join('\r\n\r\n');
  const text =
    encoding === 'base64'
      ? Buffer.from(body, 'base64').toString('utf8')
      : encoding === 'quoted-printable'
        ? Buffer.from(
            body
              .replace(/=\r\n/g, '')
              .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          ).toString('utf8')
        : body;
  return { headers, text: text.replaceAll('\r\n', '\n') };
}
