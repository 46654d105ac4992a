import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { it } from 'vitest';

// A test file that closes nothing when LEAK is set. leaks.test.ts runs it in a vitest of its own.
it('passes by itself', async () => {
  if (!process.env.LEAK) return;
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  await once(connect((server.address() as AddressInfo).port, '127.0.0.1'), 'connect');
  await once(spawn('sleep', ['8'], { stdio: 'ignore' }), 'spawn');
  await once(new Worker('setInterval(() => {}, 1000)', { eval: true }), 'online');
});
