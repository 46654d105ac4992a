import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Sandbox } from '../src/index.ts';

export interface Received {
  raw: Buffer;
  signature: string;
  // biome-ignore lint/suspicious/noExplicitAny: what arrives is looked into freely by the tests
  body: any;
  status: number;
}

export interface Receiver {
  url: string;
  posts: Received[];
  /** Decides each answer; 200 unless set. */
  answer: (nth: number, post: Received) => number;
  close(): Promise<void>;
}

/** A webhook's receiver that keeps every POST and answers challenges with `verifyToken`. */
export async function startReceiver(verifyToken = 'verify-me'): Promise<Receiver> {
  const receiver: Receiver = { url: '', posts: [], answer: () => 200, close: async () => undefined };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://receiver');
    if (request.method === 'GET') {
      const known = url.searchParams.get('hub.verify_token') === verifyToken;
      response.writeHead(known ? 200 : 403).end(known ? url.searchParams.get('hub.challenge') : '');
      return;
    }
    const raw = await readAll(request);
    const post: Received = {
      raw,
      signature: String(request.headers['x-hub-signature-256'] ?? ''),
      body: JSON.parse(raw.toString('utf8')),
      status: 0,
    };
    post.status = receiver.answer(receiver.posts.length, post);
    receiver.posts.push(post);
    response.writeHead(post.status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  receiver.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return receiver;
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export const sign = (secret: string, raw: Buffer): string =>
  `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`;

export const demoNumber = {
  phoneNumberId: '106540352242922',
  displayPhoneNumber: '+55 11 4000-0000',
  wabaId: '102290129340398',
  accessToken: 'EAAtoken',
  appSecret: 'app-secret',
  verifyToken: 'verify-me',
};

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by the tests
type Json = any;

export async function graph(
  sandbox: Sandbox,
  method: string,
  path: string,
  body?: unknown,
  token = demoNumber.accessToken,
): Promise<{ status: number; body: Json }> {
  const response = await fetch(`${sandbox.graphUrl}/v23.0${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

export const send = (sandbox: Sandbox, message: object, number = demoNumber) =>
  graph(
    sandbox,
    'POST',
    `/${number.phoneNumberId}/messages`,
    { messaging_product: 'whatsapp', ...message },
    number.accessToken,
  );

export const sendText = (sandbox: Sandbox, to: string, body: string, more: object = {}) =>
  send(sandbox, { to, type: 'text', text: { body }, ...more });

export const statusesOf = (posts: Received[]): Json[] =>
  posts
    .flatMap((post) => post.body.entry)
    .flatMap((entry: Json) => entry.changes)
    .flatMap((change: Json) => change.value.statuses ?? []);

export const messagesOf = (posts: Received[]): Json[] =>
  posts
    .flatMap((post) => post.body.entry)
    .flatMap((entry: Json) => entry.changes)
    .flatMap((change: Json) => change.value.messages ?? []);
