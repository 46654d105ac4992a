import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectBus } from '@recado/messaging';
import { testLogger } from '@recado/testkit';
import { freePort, planNats, spawnProcess, stopProcess, waitUntilReady } from '@recado/testkit/servers';
import { afterAll, beforeAll, expect, test } from 'vitest';

const script = fileURLToPath(new URL('nats-check.sh', import.meta.url));
let dir: string;
let port: number;
let server: ChildProcess;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'recado-check-'));
  port = await freePort();
  const accounts = 'authorization { user: "operator", password: "secret" }';
  const plan = await planNats({ mode: 'dev', port, password: 'secret', dataDir: dir, accounts });
  server = spawnProcess(plan.run!, { file: join(dir, 'nats.log') });
  await waitUntilReady(plan);
  // What the image's nc does; this machine may have none.
  writeFileSync(
    join(dir, 'nc.mjs'),
    `import { connect } from 'node:net';
     const socket = connect(Number(process.argv[3]), process.argv[2]);
     process.stdin.pipe(socket).pipe(process.stdout);
     setTimeout(() => process.exit(1), 3000);
     socket.on('close', () => process.exit(0));`,
  );
  const bus = await connectBus({ url: `nats://operator:secret@127.0.0.1:${port}`, name: 'test', log: testLogger() });
  await bus.checkStore('test');
  await bus.close();
});
afterAll(async () => {
  if (server) await stopProcess(server, 'SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

async function check(password = 'secret'): Promise<number | null> {
  const NC = `${process.execPath} ${join(dir, 'nc.mjs')}`;
  const env = { ...process.env, NODE_OPTIONS: '', NATS_PASSWORD_OPERATOR: password, NATS_PORT: String(port), NC };
  const [code] = await once(spawn('sh', [script], { env, stdio: 'ignore' }), 'exit');
  return code as number | null;
}

test('the container’s check passes only while NATS stores a message of the right user', async () => {
  expect(await check()).toBe(0);
  expect(await check('wrong')).not.toBe(0);
  server.kill('SIGSTOP');
  expect(await check()).not.toBe(0);
  server.kill('SIGCONT');
  expect(await check()).toBe(0);
});
