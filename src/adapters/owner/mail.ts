import { createTransport } from 'nodemailer';
import type { OwnerMessage, OwnerWay } from './way';

export interface Mail {
  /** One bare address. */
  readonly to: string;
  /** On one line. */
  readonly subject: string;
  readonly text: string;
  /** The same for the same mail sent again. */
  readonly id: string;
}

export interface Mailer {
  /** `refused`: this mail will never be taken. Rejects where another attempt may help; names no address. */
  send(mail: Mail): Promise<'sent' | 'refused'>;
  close(): void;
}

export interface MailerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: 'starttls' | 'tls' | 'none';
  readonly from: string;
  readonly auth?: { readonly user: string; readonly pass: string } | undefined;
  /** Of each step, milliseconds. */
  readonly timeoutMs: number;
}

/** Mail by SMTP: plain text, one recipient, nothing fetched or attached. */
export function createMailer({ host, port, tls, from, auth, timeoutMs }: MailerOptions): Mailer {
  const transport = createTransport({
    host,
    port,
    secure: tls === 'tls',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2' },
    auth,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, subject, text, id }) {
      try {
        await transport.sendMail({
          from: { name: 'keywatch', address: from },
          to: { name: '', address: to },
          subject,
          text,
          messageId: `<${id}@keywatch.invalid>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return 'sent';
      } catch (error) {
        const { responseCode, code } = error as { responseCode?: unknown; code?: unknown };
        if (code === 'EENVELOPE' && typeof responseCode === 'number' && responseCode >= 500) return 'refused';
        const known = typeof code === 'string' && /^[A-Z_]{1,32}$/.test(code) ? code : 'unknown error';
        throw new Error(`mail was not taken (${known}${typeof responseCode === 'number' ? `, ${responseCode}` : ''})`);
      }
    },
    close: () => transport.close(),
  };
}

/** `addressOf`: the address of an owner as the inventory names him. */
export const mailWay = (mailer: Mailer, addressOf: (owner: string) => string | undefined): OwnerWay => ({
  name: 'owners',
  placeOf: addressOf,
  send: (to, message) => mailer.send({ to, id: message.id, subject: message.title, text: textOf(message) }),
  close: async () => mailer.close(),
});

const textOf = ({ title, reason, links, until }: OwnerMessage): string =>
  [
    `Your ${title}.`,
    '',
    reason,
    '',
    ...links.flatMap(({ purpose, url }) => [`${purpose}:`, url, '']),
    `The links are good once, until ${until}. Each opens a page that says what will happen;`,
    'nothing happens before you confirm. They need no password: do not pass this mail on.',
    '',
  ].join('\n');
