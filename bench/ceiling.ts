import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePorts } from '@recado/testkit/servers';
import { request } from 'undici';

/** A bare process that checks the HMAC of a webhook and publishes it: what this machine can do. */
export async function startCeiling(natsUrl: string, secret: string): Promise<{ url: string; stop(): Promise<void> }> {
  const [port] = await freePorts(1);
  const child = spawn(
    process.execPath,
    [new URL('./ceiling-server.ts', import.meta.url).pathname, String(port), natsUrl, secret],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  const url = `http://127.0.0.1:${port}/webhook`;
  await (await request(url, { method: 'POST' })).body.dump();
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
