import { setTimeout as pause } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import type { MailText } from './texts.ts';

export interface Mail extends MailText {
  /** The same for every try, so that the receiver can recognise a repeat. */
  id: string;
  to: string;
}

/**
 * Sends one mail. @throws within `deadlineMs`; the error may quote the server, so it is not for
 * logs
 */
export type SendMail = (mail: Mail) => Promise<void>;

export interface TransportOptions {
  url: string;
  from: string;
  deadlineMs: number;
}

/**
 * Over SMTP by nodemailer. `smtp://` must offer STARTTLS, unless the URL says `?ignoreTLS=true`.
 */
export function createMailTransport({ url, from, deadlineMs }: TransportOptions): SendMail {
  const transport = createTransport({
    url,
    // Without it a man in the middle would take STARTTLS out of the offer.
    requireTLS: new URL(url).searchParams.get('ignoreTLS') !== 'true',
    connectionTimeout: deadlineMs,
    greetingTimeout: deadlineMs,
    socketTimeout: deadlineMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([\w.-]+)>?$/.exec(from)?.[1] ?? 'recado.invalid';
  return async ({ id, to, subject, text }) => {
    const abort = new AbortController();
    const late = pause(deadlineMs, undefined, { signal: abort.signal, ref: false }).then(() => {
      throw Object.assign(new Error('The mail server did not answer in time'), { code: 'ETIMEDOUT' });
    });
    late.catch(() => {});
    try {
      const messageId = `<${id}@${domain}>`;
      await Promise.race([transport.sendMail({ from, to: { name: '', address: to }, subject, text, messageId }), late]);
    } finally {
      abort.abort();
    }
  };
}
