import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { SandboxParts } from '../parts.ts';

export interface SmtpCatcher {
  port: number;
  stop(): Promise<void>;
}

const MAX_BYTES = 1024 * 1024;

/**
 * Accepts every mail over SMTP and keeps it, unless the behaviour says that it fails. @throws when
 * the port is taken
 */
export async function startSmtp(
  parts: SandboxParts,
  { port, host }: { port: number; host: string },
): Promise<SmtpCatcher> {
  const server = new SMTPServer({
    // Plain text: it runs beside its client, and keeps nothing.
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    size: MAX_BYTES,
    logger: false,
    // Clients that wait for an answer are cut off.
    closeTimeout: 100,
    onRcptTo(_address, _session, done) {
      const { fault } = parts.behaviour().mail;
      if (fault === 'timeout') return;
      if (fault === 'defer') return done(refusal(451, 'Try again later'));
      if (fault === 'refuse') return done(refusal(550, 'No such mailbox'));
      done();
    },
    onData(stream, { envelope }, done) {
      readAll(stream)
        .then(async (raw) => {
          const mail = await PostalMime.parse(raw);
          parts.mails.add({
            messageId: mail.messageId ?? '',
            from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
            to: envelope.rcptTo.map(({ address }) => address.toLowerCase()),
            subject: mail.subject ?? '',
            text: mail.text ?? '',
            at: new Date().toISOString(),
          });
          // Accepted, but the client gets no answer.
          if (parts.behaviour().mail.fault !== 'lostReply') done();
        })
        .catch(done);
    },
  });
  // A client that goes away in the middle is no fault of ours.
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const refusal = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });

async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
