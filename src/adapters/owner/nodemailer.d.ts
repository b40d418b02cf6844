/** As much of nodemailer as is used here; the package brings no types. */
declare module 'nodemailer' {
  export interface Transporter {
    sendMail(mail: Readonly<Record<string, unknown>>): Promise<unknown>;
    close(): void;
  }
  export function createTransport(options: Readonly<Record<string, unknown>>): Transporter;
}
