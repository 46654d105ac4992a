import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createSandboxControl, type SandboxControl } from '@recado/sandbox';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mesh, startMesh } from '../../../infra/local/mesh.ts';
import { type Answer, call, until } from '../../support/api.ts';
import { removeFolder } from '../../support/remove-folder.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';

// The edge in front of real services, while its own process and its Redis are killed.
let mesh: Mesh;
let dataDir: string;
let gateway: string;
let sandbox: SandboxControl;
let tenant: TestTenant;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'recado-edge-'));
  // A new phone: the test is about how often a message is sent.
  mesh = await startMesh({ dataDir, logLevel: 'warn', envOf: { conversation: { RECADO_ENFORCE_WINDOW: '0' } } });
  gateway = mesh.urls.gateway;
  sandbox = createSandboxControl(mesh.urls.sandbox);
  tenant = await createTenant(gateway, sandbox);
});

afterAll(async () => {
  await sandbox?.close();
  await mesh?.stop();
  if (dataDir) await removeFolder(dataDir);
});

interface Sent {
  data: { message: { id: string } };
}
/** Null when no answer came. */
const send = (text: string, key: string): Promise<Answer<Sent> | null> =>
  call<Sent>(gateway, 'POST', `/api/v1/whatsapp/instances/${tenant.channelId}/messages/send`, {
    token: tenant.saas,
    body: { to: '51999888777', text },
    headers: { 'idempotency-key': key },
  }).catch(() => null);
const texts = async (mark: string) =>
  (await sandbox.ledgerMessages()).map((row) => JSON.stringify(row)).filter((row) => row.includes(mark));

/** As if the minute had passed that a dead gateway's keys stay in flight. */
async function endLeases(): Promise<number> {
  const redis = new Redis(mesh.servers.redisUrl);
  let ended = 0;
  for (const name of await redis.keys('recado:idempotency:*')) {
    if ((await redis.get(name))?.includes('"owner"')) ended += await redis.del(name);
  }
  await redis.quit();
  return ended;
}

describe('an Idempotency-Key', () => {
  it('sends once though the gateway is killed before it answers', async () => {
    const mark = randomUUID();
    const all = Array.from({ length: 60 }, (_, i) => ({ text: `${mark} ${i};`, key: `${mark}-${i}` }));
    let lost = 0;
    const answered = new Map<string, string>();
    for (let round = 0; round < 3; round++) {
      const some = all.slice(round * 20, round * 20 + 20);
      const under = some.map(({ text, key }) => send(text, key));
      await pause(15 + round * 15);
      mesh.kill('gateway');
      const answers = await Promise.all(under);
      for (const [i, answer] of answers.entries()) {
        if (answer?.status === 201) answered.set(some[i]!.key, answer.body.data.message.id);
        else lost++;
      }
      await mesh.ready();
    }
    // Else nothing was tried here.
    expect(lost).toBeGreaterThan(0);
    await endLeases();
    for (const { text, key } of all) {
      const again = await until('an answer', async () => {
        const answer = await send(text, key);
        return answer?.status === 201 ? answer : null;
      });
      const before = answered.get(key);
      if (before) expect(again.body.data.message.id).toBe(before);
      answered.set(key, again.body.data.message.id);
    }
    expect(new Set(answered.values()).size).toBe(all.length);
    await until('all to be sent', async () => ((await texts(mark)).length >= all.length ? true : null));
    await sandbox.idle();
    expect(await texts(mark)).toHaveLength(all.length);
  });
});

describe('while Redis is down', () => {
  it('requests are served and those with a key are refused, until it is back', async () => {
    const get = () => call(gateway, 'GET', '/api/v1/tenant', { token: tenant.saas });
    expect((await get()).headers['x-ratelimit-limit']).toBe('600000');
    await mesh.down('redis');
    try {
      const answers = await Promise.all(Array.from({ length: 20 }, get));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      expect(answers.every(({ headers }) => headers['x-ratelimit-limit'] === '600000')).toBe(true);
      expect((await send('nobody gets this', randomUUID()))?.status).toBe(503);
      const metrics = await call(gateway, 'GET', '/metrics');
      expect(metrics.text).toMatch(/recado_rate_limit_fallback_total\{[^}]*\} [1-9]/);
    } finally {
      await mesh.up('redis');
    }
    await until('keys to be taken again', async () =>
      (await send('this one goes', randomUUID()))?.status === 201 ? true : null,
    );
    expect(await texts('nobody gets this')).toEqual([]);
  });
});
