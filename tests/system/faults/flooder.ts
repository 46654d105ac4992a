import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';

// A process of its own, so that what it does does not delay those who measure: `node flooder.ts
// <order as JSON>` prints the answers it got.

/** Answers by status; 0 is a connection that was cut, and `held` one that is still open. */
export type Answers = Record<number | 'held', number>;
export type Order = { url: string; forMs: number } & (
  | { kind: 'slow-uploads'; uploads: number; addresses: number }
  | { kind: 'unsigned'; atOnce: number }
);

const MEGABYTE = 1024 * 1024;
const NUMBERS = 12_500;

/** Bodies of 1 MB that stop short of their end. */
async function uploadSlowly(url: URL, uploads: number, addresses: number, end: number): Promise<Answers> {
  const head =
    `POST ${url.pathname} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
    `x-hub-signature-256: sha256=${'a'.repeat(64)}\r\ncontent-length: ${MEGABYTE}\r\n\r\n`;
  const body = Buffer.alloc(MEGABYTE - 1024, 32);
  const answers: string[] = Array.from({ length: uploads }, () => '');
  const sockets = answers.map((_, i) => {
    const localAddress = `127.0.9.${(i % addresses) + 1}`;
    const socket = net.connect({ host: '127.0.0.1', port: Number(url.port), localAddress });
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      answers[i] += chunk.toString('latin1');
    });
    socket.write(head);
    socket.write(body);
    return socket;
  });
  while (Date.now() < end) {
    await pause(200);
    for (const socket of sockets) if (socket.writable) socket.write(' ');
  }
  const found: Answers = { held: 0 };
  for (const [i, answer] of answers.entries()) {
    const status = Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? 0);
    count(found, status === 0 && !sockets[i]!.closed ? 'held' : status);
  }
  for (const socket of sockets) socket.destroy();
  return found;
}

/**
 * Bodies of about a megabyte: each names 12,500 numbers that no other body names, and none is
 * signed.
 */
async function postUnsigned(url: URL, atOnce: number, end: number): Promise<Answers> {
  const found: Answers = { held: 0 };
  const dispatcher = new Agent({ connections: atOnce, connect: { localAddress: '127.0.9.1' } });
  const one = async (sender: number) => {
    for (let n = 0; Date.now() < end; n++) count(found, await post(url, manyNumbers(`${sender}${n}0`), dispatcher));
  };
  await Promise.all(Array.from({ length: atOnce }, (_, sender) => one(sender)));
  await dispatcher.close();
  return found;
}

function manyNumbers(prefix: string): Buffer {
  const entry = Array.from({ length: NUMBERS }, (_, i) => ({
    changes: [{ value: { metadata: { phone_number_id: `${prefix}${i}` }, statuses: [] } }],
  }));
  return Buffer.from(JSON.stringify({ object: 'whatsapp_business_account', entry }));
}

async function post(url: URL, body: Buffer, dispatcher: Agent): Promise<number> {
  try {
    const headers = { 'content-type': 'application/json' };
    const answer = await request(url, { method: 'POST', headers, body, dispatcher });
    await answer.body.dump();
    return answer.statusCode;
  } catch {
    return 0;
  }
}

function count(answers: Answers, status: number | 'held'): void {
  answers[status] = (answers[status] ?? 0) + 1;
}

const order = JSON.parse(process.argv[2]!) as Order;
const [url, end] = [new URL(order.url), Date.now() + order.forMs];
const answers =
  order.kind === 'unsigned'
    ? await postUnsigned(url, order.atOnce, end)
    : await uploadSlowly(url, order.uploads, order.addresses, end);
console.log(JSON.stringify(answers));
process.exit(0);
