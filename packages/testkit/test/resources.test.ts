import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { leftovers, resources } from '../src/resources.ts';

let close: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of close) await one();
  close = [];
});

async function server() {
  const listening = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  close.push(() => listening.close());
  return listening;
}

it('a server and a socket that are left are named, and gone once they are closed', async () => {
  const before = resources();
  const listening = await server();
  expect(await leftovers(before, 50)).toEqual([expect.stringMatching(/^a listening server .*127/)]);
  const socket = connect((listening.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  expect((await leftovers(before, 50)).join()).toMatch(/open socket/);
  socket.destroy();
  listening.close();
  expect(await leftovers(before)).toEqual([]);
});

it('a process and a worker that are left are named', async () => {
  const before = resources();
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  close.push(() => child.kill('SIGKILL'));
  expect(await leftovers(before, 50)).toEqual(['a running process (sleep 60)']);
  child.kill('SIGKILL');
  const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
  close.push(() => worker.terminate());
  await once(worker, 'online');
  expect((await leftovers(before, 50)).join()).toMatch(/worker/);
  await worker.terminate();
  expect(await leftovers(before)).toEqual([]);
});

it('resources from before the file are not reported', async () => {
  await server();
  expect(await leftovers(resources(), 50)).toEqual([]);
});
