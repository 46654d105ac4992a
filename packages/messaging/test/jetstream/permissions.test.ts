import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AckPolicy, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { AUDIT_EVENTS, messageReceived, messageRequested, uuidv7 } from '@recado/contracts';
import { eventually, testLogger } from '@recado/testkit';
import {
  freePort,
  planNats,
  type ServerPlan,
  spawnProcess,
  stopProcess,
  waitUntilReady,
} from '@recado/testkit/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDurable } from '../../src/consumer/ensure-durable.ts';
import {
  type Bus,
  connectBus,
  integratorsConfig,
  isDenied,
  natsAccounts,
  startConsumer,
  tailStream,
} from '../../src/index.ts';

const [tenantA, tenantB] = [uuidv7(), uuidv7()];
const log = testLogger();
const dataDir = mkdtempSync(join(tmpdir(), 'recado-permissions-'));
const integratorsFile = join(dataDir, 'integrators.conf');
const integrator = (name: string, tenantId: string) => ({ name, tenantId, password: `of-${name}` });
let plan: ServerPlan;
let server: ReturnType<typeof spawnProcess>;
let conversation: Bus;
let connector: Bus;
const opened: { close(): Promise<unknown> }[] = [];

/** The real users of an installation on a server of their own. */
beforeAll(async () => {
  writeFileSync(integratorsFile, integratorsConfig([integrator('a', tenantA), integrator('gone', tenantA)]));
  const accounts = natsAccounts((user) => JSON.stringify(`of-${user}`), 'integrators.conf');
  plan = await planNats({ mode: 'dev', port: await freePort(), dataDir, password: 'of-operator', accounts });
  server = spawnProcess(plan.run!, { file: join(dataDir, 'log') });
  await waitUntilReady(plan);
  [conversation, connector] = await Promise.all([busOf('conversation'), busOf('channel-connector')]);
  await conversation.ensureStream('conversation');
  await connector.ensureStream('channel-connector');
});

afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  if (server) await stopProcess(server, 'SIGINT', 2000);
  rmSync(dataDir, { recursive: true, force: true });
});

async function busOf(user: string): Promise<Bus> {
  const url = new URL(plan.url);
  url.username = user;
  url.password = `of-${user}`;
  const bus = await connectBus({ url: url.href, name: user, log });
  opened.push(bus);
  return bus;
}

async function asIntegrator(name: string): Promise<NatsConnection> {
  const user = `integrator-${name}`;
  const nc = await connect({ servers: new URL(plan.url).host, user, pass: `of-${name}`, reconnect: false });
  opened.push(nc);
  return nc;
}

/** Whether the server refuses it for want of rights, and for no other reason. */
const denied = (call: Promise<unknown>): Promise<boolean> => call.then(() => false, isDenied);
const created = (tenantId: string) => `recado.conversation.${tenantId}.message.created`;

describe('a service on NATS', () => {
  it('publishes its own events and no other service’s', async () => {
    await expect(conversation.js.publish(created(tenantA), '{}')).resolves.toMatchObject({
      stream: 'RECADO_CONVERSATION',
    });
    for (const subject of [
      `recado.identity.${tenantA}.audit.recorded`,
      `recado.channel-connector.${tenantA}.message.received`,
    ])
      expect([subject, await denied(conversation.js.publish(subject, '{}'))]).toEqual([subject, true]);
  });

  it.each(['ai-responder', 'scheduler'])(
    'cannot request a send of any tenant or forge another service’s audit line with the login of %s',
    async (attacker) => {
      const { js } = await busOf(attacker);
      const others = AUDIT_EVENTS.filter(({ service }) => service !== attacker);
      expect(others.length).toBeGreaterThan(2);
      for (const event of [messageRequested, ...others]) {
        const subject = event.subject(tenantA);
        expect([subject, await denied(js.publish(subject, '{}'))]).toEqual([subject, true]);
      }
    },
  );

  it('keeps the stream it owns, and cannot make, change, empty or delete another', async () => {
    const wipe = (jsm: JetStreamManager) => jsm.streams.purge('RECADO_CONVERSATION', { seq: 1 });
    await expect(wipe(conversation.jsm)).resolves.toMatchObject({ success: true });
    const calls = {
      make: () => conversation.ensureStream('identity'),
      update: () => conversation.jsm.streams.update('RECADO_CHANNEL_CONNECTOR', { max_age: 1_000_000_000 }),
      empty: () => conversation.jsm.streams.purge('RECADO_CHANNEL_CONNECTOR'),
      delete: () => conversation.jsm.streams.delete('RECADO_CHANNEL_CONNECTOR'),
    };
    for (const [what, call] of Object.entries(calls)) expect([what, await denied(call())]).toEqual([what, true]);
  });

  it('has durables only for the events that it consumes', async () => {
    const name = 'conversation-message-received';
    await expect(ensureDurable(conversation, messageReceived, name, log)).resolves.toMatchObject({ name });
    await expect(ensureDurable(conversation, messageReceived, name, log)).resolves.toMatchObject({ name });
    const stream = 'RECADO_CHANNEL_CONNECTOR';
    const add = (bus: Bus, config: object) =>
      denied(bus.jsm.consumers.add(stream, { ack_policy: AckPolicy.Explicit, ...config }));
    expect(await add(conversation, { durable_name: name, filter_subject: 'recado.channel-connector.>' })).toBe(true);
    expect(await add(conversation, { durable_name: name })).toBe(true);
    expect(await add(conversation, { durable_name: 'mine', filter_subject: messageReceived.filter })).toBe(true);
    expect(await add(conversation, { filter_subject: messageReceived.filter })).toBe(true);
    expect(await denied((await busOf('analytics')).jsm.consumers.delete(stream, name))).toBe(true);
    expect(await denied((await busOf('analytics')).jsm.streams.getMessage(stream, { seq: 1 }))).toBe(true);
  });

  it('cannot listen to the mesh or to answers meant for others', async () => {
    for (const subject of ['recado.>', created('*'), '_INBOX.>', '_INBOX_identity.>', '$JS.ACK.>', '>']) {
      const refusal = new Promise<unknown>((resolve) => {
        conversation.nc.subscribe(subject, { callback: (error) => resolve(error?.message) });
      });
      expect(await refusal).toContain('Permissions Violation');
    }
  });

  it('fails at its start when the table lacks an event that it consumes', () => {
    const options = { bus: conversation, db: null as never, dedupe: 'handler', log, handle: async () => {} } as const;
    expect(() => startConsumer({ ...options, service: 'scheduler', event: messageReceived })).toThrow('DURABLES');
  });

  it('of the gateway follows streams live', async () => {
    const heard: string[] = [];
    const gateway = await busOf('gateway');
    const tail = tailStream(
      gateway,
      'RECADO_CONVERSATION',
      'recado.conversation.>',
      (one) => void heard.push(one.subject),
      { log },
    );
    await tail.ready;
    await conversation.js.publish(created(tenantB), '{}');
    await eventually(async () => expect(heard).toEqual([created(tenantB)]));
    expect(await denied(gateway.js.publish(created(tenantB), '{}'))).toBe(true);
    await tail.stop();
  });
});

describe('an integrator', () => {
  it('receives the events of its tenant, never another’s, and cannot publish', async () => {
    const nc = await asIntegrator('a');
    const heard: string[] = [];
    nc.subscribe(`recado.*.${tenantA}.>`, { callback: (_error, message) => void heard.push(message.subject) });
    const refusals: string[] = [];
    const refused = ['recado.>', `recado.*.${tenantB}.>`, `recado.conversation.*.message.created`, '_INBOX.>', '$JS.>'];
    for (const subject of refused)
      nc.subscribe(subject, { callback: (error, message) => void refusals.push(error ? subject : message.subject) });
    await nc.flush();
    await eventually(async () => expect([...refusals].sort()).toEqual([...refused].sort()));

    const before = (await conversation.jsm.streams.info('RECADO_CONVERSATION')).state.last_seq;
    nc.publish(created(tenantA), '{"forged":true}');
    nc.publish('$JS.API.STREAM.PURGE.RECADO_CONVERSATION', '');
    await nc.flush();
    expect((await conversation.jsm.streams.info('RECADO_CONVERSATION')).state.last_seq).toBe(before);

    for (const tenantId of [tenantB, tenantA, tenantB]) await conversation.js.publish(created(tenantId), '{}');
    await eventually(async () => expect(heard).toEqual([created(tenantA)]));
    expect(refusals).toHaveLength(refused.length);
  });

  it('comes and goes by a reload, which disturbs no service', async () => {
    const gone = await asIntegrator('gone');
    writeFileSync(integratorsFile, integratorsConfig([integrator('a', tenantA), integrator('new', tenantB)]));
    process.kill(server.pid!, 'SIGHUP');
    await gone.closed();
    await eventually(async () => void (await asIntegrator('new')));
    await expect(asIntegrator('gone')).rejects.toThrow('Authorization');
    await expect(conversation.js.publish(created(tenantA), '{}')).resolves.toMatchObject({
      stream: 'RECADO_CONVERSATION',
    });
  });
});
