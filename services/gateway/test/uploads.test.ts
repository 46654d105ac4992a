import { once } from 'node:events';
import net from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FakeServices } from './fake-state.ts';
import { samples } from './samples.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

/** Room for four uploads of 1 MB of an address, and eight of all. */
const MEGABYTE = 1024 * 1024;
let gateway: TestGateway;
let fakes: FakeServices;
let port: number;
let open: net.Socket[] = [];
beforeAll(async () => {
  gateway = await startTestGateway({
    RECADO_MAX_UPLOAD_BYTES: String(8 * MEGABYTE),
    RECADO_MAX_UPLOAD_BYTES_PER_ADDRESS: String(4 * MEGABYTE),
    RECADO_MAX_CONNECTIONS_PER_ADDRESS: '40',
  });
  fakes = gateway.fakes;
  await gateway.app.listen({ port: 0, host: '127.0.0.1' });
  port = (gateway.app.server.address() as net.AddressInfo).port;
});
afterAll(() => gateway?.close());
beforeEach(() => {
  fakes.batches = [];
});
afterEach(async () => {
  for (const socket of open) socket.destroy();
  open = [];
  await expect.poll(() => gateway.deps.uploads.stats()).toEqual({ bytes: 0, uploads: 0 });
});

const PATHS = { webhook: `/v1/webhooks/whatsapp/meta/${samples.channel.id}`, api: '/v1/auth/login' };
const head = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
  `x-hub-signature-256: sha256=${'a'.repeat(64)}\r\ncontent-length: ${length}\r\n\r\n`;

async function connect(localAddress = '127.0.0.1') {
  const socket = net.connect({ port, host: '127.0.0.1', localAddress });
  open.push(socket);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, status: () => Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? 0) };
}

/** Sends all of a body but its end. */
async function uploadSlowly(path: string, localAddress?: string, length = MEGABYTE) {
  const connection = await connect(localAddress);
  connection.socket.write(head(path, length));
  connection.socket.write(Buffer.alloc(Math.min(length, 1024) - 1, 32));
  return connection;
}

async function send(path: string, localAddress?: string): Promise<number> {
  const { socket, status } = await connect(localAddress);
  socket.write(`${head(path, 2)}{}`);
  await expect.poll(status).not.toBe(0);
  return status();
}

const stats = () => gateway.deps.uploads.stats();

describe.each(Object.entries(PATHS))('slow uploads to the %s', (_name, path) => {
  it('of one address never hold more than its share', async () => {
    const uploads: Awaited<ReturnType<typeof connect>>[] = [];
    for (let i = 0; i < 12; i++) uploads.push(await uploadSlowly(path));
    await expect.poll(() => uploads.filter(({ status }) => status() === 429).length).toBe(8);
    expect(stats()).toEqual({ bytes: 4 * MEGABYTE, uploads: 4 });
  });

  it('leave room to other addresses', async () => {
    for (let i = 0; i < 4; i++) await uploadSlowly(path);
    await expect.poll(() => stats().uploads).toBe(4);
    expect(await send(PATHS.webhook, '127.0.0.2')).toBe(200);
    const other = await uploadSlowly(path, '127.0.0.2');
    await expect.poll(() => stats().uploads).toBe(5);
    expect(other.status()).toBe(0);
  });

  it('of many addresses never hold more than the whole, and small requests go on', async () => {
    for (let i = 0; i < 12; i++) await uploadSlowly(path, `127.0.1.${i + 1}`);
    await expect.poll(() => stats()).toEqual({ bytes: 8 * MEGABYTE, uploads: 8 });
  });

  it('give their room back when they are cut off', async () => {
    for (let i = 0; i < 4; i++) await uploadSlowly(path);
    await expect.poll(() => stats().uploads).toBe(4);
    for (const socket of open) socket.destroy();
    await expect.poll(() => stats().uploads).toBe(0);
    expect(await send(PATHS.webhook)).toBe(200);
  });
});

it('an address opens no more connections than its share, and others connect', async () => {
  const sockets: net.Socket[] = [];
  for (let i = 0; i < 50; i++) sockets.push((await connect('127.0.0.9')).socket);
  await expect.poll(() => sockets.filter((socket) => socket.closed || socket.destroyed).length).toBe(10);
  expect(await send(PATHS.webhook, '127.0.0.2')).toBe(200);
});
