import { createConnection, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../src/index.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.control.clearMails();
  await sandbox.control.setBehaviour({ mail: { fault: 'none' } });
});

/** Without an answer for so long, none comes. */
const QUIET_MS = 1000;

/**
 * Speaks SMTP: sends each line after the answer to the one before, and gives the answers' codes.
 * Ends when the server is silent.
 */
async function speak(lines: string[]): Promise<string[]> {
  const socket: Socket = createConnection(Number(new URL(sandbox.smtpUrl).port), '127.0.0.1');
  const codes: string[] = [];
  socket.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(codes);
    };
    socket.on('error', reject);
    socket.on('close', done);
    socket.on('data', (text: string) => {
      const last = text.trim().split('\r\n').at(-1)!;
      codes.push(last.slice(0, 3));
      const next = lines.shift();
      if (next === undefined) return done();
      socket.write(`${next}\r\n`);
      clearTimeout(timer);
      timer = setTimeout(done, QUIET_MS);
    });
  });
}

const mail = (to: string) => [
  'HELO test',
  'MAIL FROM:<shop@recado.example>',
  `RCPT TO:<${to}>`,
  'DATA',
  'Subject: =?utf-8?q?C=C3=B3digo?=\r\nMessage-ID: <m1@recado.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHola, ñandú\r\n.',
];

describe('mails', () => {
  it('are taken, decoded, listed by recipient and forgotten', async () => {
    expect(await speak(mail('Ana@Tienda.example'))).toEqual(['220', '250', '250', '250', '354', '250']);
    await speak(mail('eva@tienda.example'));
    expect(await sandbox.control.mails()).toHaveLength(2);
    expect(await sandbox.control.mails('ana@tienda.example')).toMatchObject([
      {
        messageId: '<m1@recado.example>',
        from: 'shop@recado.example',
        to: ['ana@tienda.example'],
        subject: 'Código',
        text: 'Hola, ñandú\n',
      },
    ]);
    await sandbox.control.clearMails();
    expect(await sandbox.control.mails()).toEqual([]);
  });

  it.each([
    ['defer', '451'],
    ['refuse', '550'],
  ] as const)('are answered at the recipient when told to %s', async (fault, code) => {
    await sandbox.control.setBehaviour({ mail: { fault } });
    expect(await speak(mail('ana@tienda.example').slice(0, 3))).toEqual(['220', '250', '250', code]);
    expect(await sandbox.control.mails()).toEqual([]);
  });

  it('get no answer when told to time out, and are kept without one when told to lose the reply', async () => {
    await sandbox.control.setBehaviour({ mail: { fault: 'timeout' } });
    expect(await speak(mail('ana@tienda.example'))).toEqual(['220', '250', '250']);
    await sandbox.control.setBehaviour({ mail: { fault: 'lostReply' } });
    expect(await speak(mail('ana@tienda.example'))).toEqual(['220', '250', '250', '250', '354']);
    expect(await sandbox.control.mails()).toHaveLength(1);
  });
});
