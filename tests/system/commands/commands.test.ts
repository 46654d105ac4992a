import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { buildEvent, conversationUpdated, uuidv7 } from '@recado/contracts';
import { connectBus } from '@recado/messaging';
import { createLogger, loadConfig } from '@recado/service-kit';
import { internalEnv, internalToken, testBus, testDatabase, testRedis } from '@recado/testkit';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../../services/identity/src/config.ts';
import { type Identity, startIdentity } from '../../../services/identity/src/service.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const run = promisify(execFile);
const script = (name: string) => new URL(`../../../infra/local/${name}.ts`, import.meta.url).pathname;

let nats: string;
let databaseUrl: string;
let drop: () => Promise<void>;
let dataDir: string;
/** As without a running `npm start`: servers come by URL alone. */
const env = (more: Record<string, string>) => ({
  ...process.env,
  RECADO_PASSWORD_NICE: '0',
  RECADO_DATA_DIR: dataDir,
  NO_COLOR: '1',
  NODE_OPTIONS: '',
  ...more,
});

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'recado-commands-'));
  nats = (await testBus()).url;
  const database = await testDatabase('commands');
  databaseUrl = database.adminUrl;
  drop = database.drop;
});
afterAll(async () => {
  await drop?.();
  await removeFolder(dataDir);
});

describe('npm run events', () => {
  let child: ChildProcess | undefined;
  afterAll(() => child?.kill('SIGKILL'));

  it('shows each event of the asked subject as one readable line', async () => {
    const bus = await connectBus({ url: nats, name: 'test', log: createLogger({ name: 'test', level: 'silent' }) });
    await bus.ensureStream('conversation');
    child = spawn(process.execPath, [script('events'), 'recado.conversation.*.conversation.>'], {
      env: env({ NATS_URL: nats }),
    });
    await new Promise<void>((resolve) =>
      child!.stderr!.on('data', (chunk) => String(chunk).includes('Following') && resolve()),
    );
    const line = new Promise<string>((resolve) => createInterface({ input: child!.stdout! }).once('line', resolve));

    const tenantId = uuidv7();
    const at = new Date().toISOString();
    const conversation = {
      id: uuidv7(),
      channelId: uuidv7(),
      contact: { id: uuidv7(), name: 'Luz', phone: null, email: null, avatarUrl: null, createdAt: at },
      status: 'closed' as const,
      archived: false,
      priority: 'normal' as const,
      assignedUserId: null,
      campaignId: null,
      unreadCount: 0,
      messageCount: 0,
      lastMessage: null,
      lastMessageAt: null,
      lastInboundAt: null,
      assignedAt: null,
      firstResponseAt: null,
      closedAt: at,
      createdAt: at,
      updatedAt: at,
    };
    const event = buildEvent(conversationUpdated, { tenantId, data: { conversation, changed: ['status'] } });
    await bus.js.publish(`recado.conversation.${tenantId}.message.created`, '{}');
    await bus.js.publish(event.subject, JSON.stringify(event.envelope));
    const shown = await line;
    expect(shown).toContain(`conversation.conversation.updated ${tenantId.slice(0, 8)}`);
    expect(shown).toContain('conversation.status=closed');
    await bus.close();
  });

  it('says what to do without a mesh, and refuses an unknown subject', async () => {
    const { NATS_URL: _, ...without }: NodeJS.ProcessEnv = env({});
    await expect(run(process.execPath, [script('events')], { env: without })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm start'),
    });
    await expect(
      run(process.execPath, [script('events'), 'other.>'], { env: env({ NATS_URL: nats }) }),
    ).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('other.>') });
  });
});

describe('npm run dead-letters', () => {
  const call = (...args: string[]) =>
    run(process.execPath, [script('dead-letters'), ...args], { env: env({ DATABASE_URL: databaseUrl }) });

  it('lists what is parked over all services and asks for another try of what is named', async () => {
    const sql = postgres(databaseUrl, { max: 1 });
    const [tenantId, parked, other] = [uuidv7(), uuidv7(), uuidv7()];
    for (const [schema, id] of [
      ['conversation', parked],
      ['analytics', other],
    ] as const) {
      await sql`
        insert into ${sql(schema)}.dead_letters (id, tenant_id, consumer, event_id, subject, envelope, error, tries)
        values (${id}, ${tenantId}, ${`${schema}-message-created`}, ${uuidv7()}, 'recado.x', '{}', 'it broke', 8)`;
    }
    const listed = (await call('list')).stdout;
    expect(listed).toContain(parked);
    expect(listed).toContain('8 tries');
    expect(listed).toContain('it broke');
    expect(listed).toContain('2 parked.');
    expect((await call('list', '--service', 'analytics')).stdout).not.toContain(parked);

    expect((await call('replay', '--id', parked)).stdout).toContain('conversation: 1 to be tried again');
    const rows = await sql`select replay_requested_at from conversation.dead_letters where id = ${parked}`;
    expect(rows[0]?.replay_requested_at).toBeInstanceOf(Date);
    const untouched = await sql`select replay_requested_at from analytics.dead_letters where id = ${other}`;
    expect(untouched[0]?.replay_requested_at).toBeNull();
    await sql.end();
  });

  it('lists jobs that were given up, and queues again those of one name', async () => {
    const sql = postgres(databaseUrl, { max: 1 });
    const [tenantId, id] = [uuidv7(), uuidv7()];
    await sql`
      insert into ai_responder.jobs (tenant_id, id, name, state, data, run_at, tries, last_error, ended_at)
      values (${tenantId}, ${id}, 'shown', 'dead', '{}', now(), 5, 'Error: no paper', now())`;
    const listed = (await call('list', '--job', 'shown')).stdout;
    expect(listed).toContain(`job shown  ${tenantId}  5 tries`);
    expect(listed).toContain('Error: no paper');
    expect(listed).toContain('1 parked.');
    expect((await call('replay', '--job', 'shown')).stdout).toContain('ai-responder: 1 to be tried again');
    const [row] = await sql`select state, tries from ai_responder.jobs where id = ${id}`;
    expect(row).toMatchObject({ state: 'queued', tries: 0 });
    await sql`delete from ai_responder.jobs where id = ${id}`;
    await sql.end();
  });

  it('refuses words it does not know', async () => {
    await expect(call('drop')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('list or replay') });
    await expect(call('list', '--service', 'nobody')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nobody'),
    });
  });
});

describe('npm run tenants', () => {
  let identity: Identity;
  let stop: () => Promise<void>;
  const call = (...args: string[]) =>
    run(process.execPath, [script('tenants'), ...args], {
      env: env({ RECADO_IDENTITY_URL: identity.url, ...internalEnv('operator') }),
    });
  const ask = async (path: string, body: object) => {
    const answer = await fetch(identity.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${internalToken({ role: 'service' })}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return {
      status: answer.status,
      body: (await answer.json()) as { error?: { code: string }; tenant?: { plan: string } },
    };
  };
  const person = { email: 'ana@tienda.example', password: 'correct horse battery', edition: 'inbox' };

  beforeAll(async () => {
    const [database, redis] = await Promise.all([testDatabase('tenants'), testRedis()]);
    const jwtKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    identity = await startIdentity(
      loadConfig(configSchema, {
        HOST: '127.0.0.1',
        PORT: '0',
        DATABASE_URL: database.appUrl('identity'),
        DATABASE_WORKER_URL: database.workerUrl('identity'),
        NATS_URL: nats,
        REDIS_URL: redis.url,
        LOG_LEVEL: 'silent',
        ...internalEnv('identity'),
        RECADO_JWT_PRIVATE_KEY: jwtKey,
        RECADO_EMAIL_PROOF: 'off',
        RECADO_SECRETS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      }),
    );
    stop = async () => {
      await identity.stop();
      await database.drop();
    };
    const company = { tenantName: 'Tienda', tenantSlug: 'tienda', name: 'Ana Ruiz', plan: 'basic' };
    expect((await ask('/registrations', { ...person, ...company })).status).toBe(201);
    const other = { ...person, ...company, email: 'eva@otra.example', tenantName: 'Otra', tenantSlug: 'tienda-dos' };
    expect((await ask('/registrations', other)).status).toBe(201);
  });
  afterAll(() => stop?.());

  it('lists, changes a plan, suspends and activates by slug', async () => {
    expect((await call('list')).stdout).toMatch(/tienda .*basic .*active[\s\S]*tienda-dos[\s\S]*2 in all\./);
    expect((await call('list', 'otra')).stdout).toMatch(/^\S+ {2}tienda-dos[\s\S]*1 in all\./);
    expect(JSON.parse((await call('list', 'dos', '--json')).stdout)).toMatchObject({ slug: 'tienda-dos' });

    expect((await call('plan', 'tienda', 'enterprise')).stdout).toMatch(/tienda .*enterprise/);
    expect((await ask('/sessions', person)).body.tenant).toMatchObject({ plan: 'enterprise' });

    expect((await call('suspend', 'tienda')).stdout).toContain('suspended');
    expect(await ask('/sessions', person)).toMatchObject({
      status: 403,
      body: { error: { code: 'tenant_suspended' } },
    });
    expect((await ask('/sessions', { ...person, email: 'eva@otra.example' })).status).toBe(200);
    expect((await call('activate', 'tienda')).stdout).toContain('active');
    expect((await ask('/sessions', person)).status).toBe(200);
  });

  it('refuses what it does not know, and says when identity is not there', async () => {
    const wrong = (code: number, text: string) => ({ code, stderr: expect.stringContaining(text) });
    await expect(call('drop', 'tienda')).rejects.toMatchObject(wrong(2, 'activate or invite'));
    await expect(call('plan', 'tienda', 'gold')).rejects.toMatchObject(wrong(2, 'gold'));
    await expect(call('suspend')).rejects.toMatchObject(wrong(2, 'slug'));
    await expect(call('suspend', 'tien')).rejects.toMatchObject(wrong(1, 'tien'));
    const away = env({ RECADO_IDENTITY_URL: 'http://127.0.0.1:1', ...internalEnv('operator') });
    await expect(run(process.execPath, [script('tenants'), 'list'], { env: away })).rejects.toMatchObject(
      wrong(1, 'does not answer'),
    );
    const withoutKey: NodeJS.ProcessEnv = env({ RECADO_IDENTITY_URL: identity.url });
    await expect(run(process.execPath, [script('tenants'), 'list'], { env: withoutKey })).rejects.toMatchObject(
      wrong(1, 'npm start'),
    );
  });
});
