import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '@nats-io/transport-node';
import { uuidv7 } from '@recado/contracts';
import { type Bus, connectBus } from '@recado/messaging';
import { eventually, testLogger } from '@recado/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readIntegrators } from '../integrator-file.ts';
import { type Mesh, startMesh } from '../mesh.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'recado-integrators-'));
const script = new URL('../integrators.ts', import.meta.url).pathname;
const run = promisify(execFile);
const [tenantA, tenantB] = [uuidv7(), uuidv7()];
const created = (tenantId: string) => `recado.conversation.${tenantId}.message.created`;
let mesh: Mesh;
/** Each command starts a Node of its own, which takes seconds on a busy machine. */
const TIMEOUT_MS = 150_000;
let operator: Bus;

beforeAll(async () => {
  mesh = await startMesh({ dataDir, services: [], onLine: () => undefined });
  operator = await connectBus({ url: mesh.servers.natsUrl, name: 'test', log: testLogger() });
  await operator.ensureStream('conversation');
}, TIMEOUT_MS);

afterAll(async () => {
  await operator?.close();
  await mesh?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** `npm run integrators -- …` beside a running mesh. */
async function integrators(...args: string[]): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: '', RECADO_DATA_DIR: dataDir, NATS_URL: mesh.servers.natsUrl };
  return (await run(process.execPath, [script, ...args], { env })).stdout;
}

async function add(name: string, tenantId: string) {
  const { user, password } = JSON.parse(await integrators('add', '--tenant', tenantId, '--name', name, '--json'));
  const nc = await connect({ servers: new URL(mesh.servers.natsUrl).host, user, pass: password, reconnect: false });
  return { nc, user, password };
}

test(
  'an integrator hears its tenant alone, publishes nothing, and is disconnected when it is removed',
  async () => {
    const { nc, user, password } = await add('crm-of-a', tenantA);
    const heard: string[] = [];
    const refused: string[] = [];
    nc.subscribe(`recado.*.${tenantA}.>`, { callback: (_error, message) => void heard.push(message.subject) });
    for (const subject of [`recado.*.${tenantB}.>`, 'recado.>'])
      nc.subscribe(subject, { callback: (error, message) => void refused.push(error ? subject : message.subject) });
    await nc.flush();
    await eventually(() => expect([...refused].sort()).toEqual(['recado.>', `recado.*.${tenantB}.>`].sort()));

    nc.publish(created(tenantA), '{"forged":true}');
    await nc.flush();
    const { state } = await operator.jsm.streams.info('RECADO_CONVERSATION');
    expect(state.last_seq).toBe(0);

    for (const tenantId of [tenantB, tenantA, tenantB]) await operator.js.publish(created(tenantId), '{}');
    await eventually(() => expect(heard).toEqual([created(tenantA)]));
    expect(refused).toHaveLength(2);

    expect(await integrators('list')).toMatch(new RegExp(`^${user} +${tenantA}\n$`));
    const closed = nc.closed();
    await integrators('remove', '--name', 'crm-of-a');
    await closed;
    const again = connect({ servers: new URL(mesh.servers.natsUrl).host, user, pass: password, reconnect: false });
    await expect(again).rejects.toThrow('Authorization');
    expect(await integrators('list')).toBe('No integrators.\n');
    expect(operator.connected()).toBe(true);
  },
  TIMEOUT_MS,
);

test(
  'a name is used once, and an integrator outlives a restart of nats-server',
  async () => {
    const { nc, user, password } = await add('shop', tenantB);
    await nc.close();
    await expect(integrators('add', '--tenant', tenantA, '--name', 'shop')).rejects.toMatchObject({ code: 1 });
    expect(readIntegrators(join(dataDir, 'nats', 'integrators.conf'))).toMatchObject([{ tenantId: tenantB }]);
    await mesh.down('nats');
    await mesh.up('nats');
    await mesh.ready();
    await (await connect({ servers: new URL(mesh.servers.natsUrl).host, user, pass: password })).close();
  },
  TIMEOUT_MS,
);
