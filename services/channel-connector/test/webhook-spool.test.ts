import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Channel, decodeFrames, type WebhookFrame } from '@recado/contracts';
import { EVOLUTION_KEY } from '@recado/sandbox';
import { Unavailable } from '@recado/service-kit';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { URL_SECRET_HEADER } from '../src/providers/url-secret.ts';
import type { RunningConnector } from '../src/service.ts';
import {
  bearer,
  createChannel,
  createFixture,
  eventsOf,
  type Fixture,
  frame,
  payload,
  postFrames,
  textMessage,
} from './support.ts';

let fixture: Fixture;
let spool: string;
beforeAll(async () => {
  fixture = await createFixture();
  const { storage } = fixture.connector.deps;
  spool = `${storage.spool}-webhooks`;
  await fixture.connector.stop();
  fixture.connector = await fixture.start({
    RECADO_EVOLUTION_URL: fixture.sandbox.evolutionUrl,
    RECADO_EVOLUTION_KEY: EVOLUTION_KEY,
  });
  fixture.edge.to(fixture.connector);
});
afterAll(() => fixture.stop());

/** A linked phone, and what its server would post. */
async function linked() {
  const tenantId = randomUUID();
  const headers = { authorization: bearer(tenantId) };
  const made = await fixture.connector.app.inject({
    method: 'POST',
    url: '/channels',
    headers,
    payload: { name: 'Shop', provider: 'evolution' },
  });
  const channel = made.json<Channel>();
  await fixture.sandbox.control.session('evolution', channel.key).scan();
  await eventually(async () => {
    const shown = await fixture.connector.app.inject({ url: `/channels/${channel.id}`, headers });
    expect(shown.json()).toMatchObject({ status: 'connected' });
  });
  const [row] = await fixture.sql`select credentials from channel_connector.channels where id = ${channel.id}`;
  const { webhookSecret } = JSON.parse(fixture.connector.deps.sealer.open(row!.credentials, channel.id));
  const says = (text: string, secret: string = webhookSecret): WebhookFrame => {
    const key = { id: randomUUID(), remoteJid: '5511977770001@s.whatsapp.net', fromMe: false };
    const messageTimestamp = Math.floor(Date.now() / 1000);
    const data = {
      key,
      pushName: 'Ana',
      message: { conversation: text },
      messageType: 'conversation',
      messageTimestamp,
    };
    const body = Buffer.from(JSON.stringify({ event: 'messages.upsert', instance: channel.key, data }));
    return { provider: 'evolution', channelId: channel.id, headers: { [URL_SECRET_HEADER]: secret }, body };
  };
  return { tenantId, says };
}

const received = async (tenantId: string) =>
  (await eventsOf<{ content: string }>(fixture, tenantId, 'message.received')).map(({ content }) => content);
/** The messages that are kept. Beside them may be the sandbox's own reports. */
async function kept(): Promise<string[]> {
  const names = (await readdir(spool)).filter((name) => name.endsWith('.frame'));
  const bodies = await Promise.all(names.map((name) => readFile(join(spool, name)).catch(() => null)));
  const frames = bodies.flatMap((body) => (body ? [...decodeFrames(body)] : []));
  return frames.map(({ body }) => body.toString()).filter((body) => body.includes('messages.upsert'));
}

/** Nothing can be committed during `task`, as while Postgres is away. */
async function withoutDatabase({ deps: { group } }: RunningConnector, task: () => Promise<void>): Promise<void> {
  const { add } = group;
  group.add = () => Promise.reject(new Unavailable('postgres'));
  try {
    await task();
  } finally {
    group.add = add;
  }
}

test('webhooks of servers that send once are kept while nothing can be stored, and stored afterwards', async () => {
  const { tenantId, says } = await linked();
  await withoutDatabase(fixture.connector, async () => {
    expect(await postFrames(fixture.connector, [says('uno'), says('dos')])).toEqual([200, 200]);
    expect(await postFrames(fixture.connector, [says('tres')])).toEqual([200]);
    expect(await kept()).toHaveLength(3);
    expect(await received(tenantId)).toEqual([]);
  });
  await eventually(async () => expect(await received(tenantId)).toEqual(['uno', 'dos', 'tres']));
  await eventually(async () => expect(await kept()).toEqual([]));
});

test('a provider that repeats hears 503, and a wrong secret is never kept', async () => {
  const { says } = await linked();
  const meta = await createChannel(fixture);
  const message = payload(meta.phoneNumberId, { messages: [textMessage('wamid.again')] });
  const wrong = says('uno', 'a-secret-that-is-not-its-own');
  await withoutDatabase(fixture.connector, async () => {
    expect(await postFrames(fixture.connector, [frame(meta.id, message), wrong])).toEqual([503, 401]);
    expect(await kept()).toEqual([]);
  });
});

test('without the database the secret that was last known decides what is kept', async () => {
  const { tenantId, says } = await linked();
  const { directory } = fixture.connector.deps;
  expect(await postFrames(fixture.connector, [says('antes')])).toEqual([200]);
  const wrong = says('falso', 'a-secret-that-is-not-its-own');
  // A new state of the number, as reports bring it at any time.
  directory.forget(wrong.channelId!);
  const { peek, findAll } = directory;
  directory.peek = () => undefined;
  directory.findAll = () => Promise.reject(new Unavailable('postgres'));
  try {
    expect(await postFrames(fixture.connector, [says('bueno'), wrong])).toEqual([200, 503]);
    expect(await kept()).toHaveLength(1);
  } finally {
    Object.assign(directory, { peek, findAll });
  }
  await eventually(async () => expect(await received(tenantId)).toEqual(['antes', 'bueno']));
});

test('a webhook that only its own fault keeps from being stored holds up no other tenant', async () => {
  const [poisonous, other] = [await linked(), await linked()];
  const { group } = fixture.connector.deps;
  const { add } = group;
  const refusePoison: typeof add = async (webhooks) => {
    const isPoison = JSON.stringify(webhooks).includes('veneno');
    return isPoison ? webhooks.map(() => new Error('its own fault')) : add(webhooks);
  };
  group.add = refusePoison;
  expect(await postFrames(fixture.connector, [poisonous.says('veneno')])).toEqual([200]);
  group.add = () => Promise.reject(new Unavailable('postgres'));
  expect(await postFrames(fixture.connector, [other.says('hola')])).toEqual([200]);
  group.add = refusePoison;
  await eventually(async () => expect(await received(other.tenantId)).toEqual(['hola']));
  // It leaves the spool after it was stored.
  await eventually(async () => expect(await kept()).toHaveLength(1));
  group.add = add;
  await eventually(async () => expect(await received(poisonous.tenantId)).toEqual(['veneno']));
});

test('what is beyond the limit of its number is kept, and received when the limit allows it', async () => {
  const { tenantId, says } = await linked();
  const { inbound } = fixture.connector.deps;
  const { take } = inbound;
  inbound.take = async (webhooks) => webhooks.map(() => 1000);
  try {
    expect(await postFrames(fixture.connector, [says('uno'), says('dos'), says('tres', 'wrong')])).toEqual([
      200, 200, 401,
    ]);
    expect(await received(tenantId)).toEqual([]);
    expect(await kept()).toHaveLength(2);
    await eventually(async () => expect(await eventsOf(fixture, tenantId, 'channel.became-limited')).toHaveLength(1));
  } finally {
    inbound.take = take;
  }
  await eventually(async () => expect((await received(tenantId)).toSorted()).toEqual(['dos', 'uno']));
  await eventually(async () => expect(await kept()).toEqual([]));
});

test('another process takes what a stopped one kept', async () => {
  const { tenantId, says } = await linked();
  await withoutDatabase(fixture.connector, async () => {
    expect(await postFrames(fixture.connector, [says('antes')])).toEqual([200]);
    await fixture.connector.stop();
    expect(await kept()).toHaveLength(1);
  });
  fixture.connector = await fixture.start();
  await eventually(async () => expect(await received(tenantId)).toEqual(['antes']));
  await eventually(async () => expect(await kept()).toEqual([]));
});
