import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { Agent } from 'undici';
import { afterAll, expect, test } from 'vitest';
import { callOnce } from '../src/providers/call.ts';

const agent = new Agent({ connections: 8, connect: { timeout: 500 } });
afterAll(() => agent.destroy());

async function against(play: (socket: Socket, heard: string) => void, timeoutMs = 300) {
  let heard = '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard += String(bytes);
      play(socket, heard);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const outcome = await callOnce(agent, { origin, path: '/', method: 'POST', headers: {}, body: 'hello', timeoutMs });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  return { kind: outcome.kind, outcome, heard };
}

test('a complete answer with any status is an answer', async () => {
  const { outcome } = await against((socket) => socket.write('HTTP/1.1 503 no\r\ncontent-length: 2\r\n\r\nno'));
  expect(outcome).toEqual({ kind: 'answered', status: 503, body: Buffer.from('no') });
});

test('a reset, silence or half an answer after the request is lost, and the request is written once', async () => {
  for (const play of [
    (socket: Socket) => socket.resetAndDestroy(),
    (socket: Socket) => socket.end(),
    () => {},
    (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"mess'),
  ]) {
    const { kind, heard } = await against(play);
    expect(kind).toBe('lost');
    expect(heard.match(/POST/g)).toHaveLength(1);
  }
});

test('refused connections and unknown names count as not sent', async () => {
  for (const origin of ['http://127.0.0.1:1', 'http://nowhere.invalid']) {
    const outcome = await callOnce(agent, {
      origin,
      path: '/',
      method: 'POST',
      headers: {},
      body: '',
      timeoutMs: 3000,
    });
    expect(outcome.kind).toBe('not-sent');
  }
});

test('a deadline that passes before a connection counts as not sent, and nothing is sent later', async () => {
  const narrow = new Agent({ connections: 1, pipelining: 1 });
  let requests = 0;
  let release = () => {};
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      requests++;
      release = () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const call = { origin, path: '/', method: 'POST' as const, headers: {}, body: 'x' };
  const first = callOnce(narrow, { ...call, timeoutMs: 5000 });
  const second = await callOnce(narrow, { ...call, timeoutMs: 100 });
  expect(second.kind).toBe('not-sent');
  release();
  expect((await first).kind).toBe('answered');
  // The third follows on the same connection: the second was never written before it.
  const third = callOnce(narrow, { ...call, timeoutMs: 200 });
  await third;
  expect(requests).toBe(2);
  await narrow.destroy();
  server.close();
});
