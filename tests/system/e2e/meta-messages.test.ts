import { createHmac } from 'node:crypto';
import { createSandboxControl, type SandboxControl } from '@recado/sandbox';
import { META_MESSAGES } from '@recado/testkit';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { call, must, until } from '../../support/api.ts';
import type {} from '../../support/system-setup.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';

type Edition = 'crm' | 'saas' | 'inbox';
type Shown = Record<string, unknown> & { content: string };

/** Edits and deletions are no messages of their own: services/conversation/test/changes.test.ts. */
const MESSAGES = META_MESSAGES.filter(({ details }) => !details?.change);
const FROM = '573105550077';
const SOCKET_EVENT = { crm: 'chat.message', saas: 'message:new', inbox: 'message:new' } as const;
const KINDS = { crm: 'message_type', saas: 'type', inbox: 'type' } as const;
const IDS = { crm: 'whatsapp_message_id', saas: 'whatsappMessageId', inbox: 'whatsappMessageId' } as const;

const mesh = inject('mesh');
let sandbox: SandboxControl;
let tenant: TestTenant;
const sockets: Socket[] = [];
/** Messages by the provider's id, as each place shows them. */
const shown = new Map<string, Map<string, Shown>>();

const idOf = (i: number) => `wamid.kind.${tenant.channelId}.${i}`;

function listen(edition: Edition): Promise<void> {
  const found = new Map<string, Shown>();
  shown.set(`${edition}, live`, found);
  const socket = io(mesh.urls.gateway, {
    transports: ['websocket'],
    auth: { token: tenant[edition] },
    forceNew: true,
    reconnection: false,
  });
  sockets.push(socket);
  socket.on(SOCKET_EVENT[edition], ({ message }: { message: Shown }) =>
    found.set(message[IDS[edition]] as string, message),
  );
  return new Promise((resolve) => socket.once('session:ready', () => resolve()));
}

/** All kinds in one webhook, as Meta batches them. */
async function post(): Promise<number> {
  const { wabaId, displayPhoneNumber, phoneNumberId, appSecret } = tenant.number;
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: displayPhoneNumber, phone_number_id: phoneNumberId },
    contacts: [{ wa_id: FROM, profile: { name: 'Todas las clases' } }],
    messages: MESSAGES.map(({ item }, i) => ({
      from: FROM,
      id: idOf(i),
      timestamp: String(1_760_000_000 + i),
      ...item,
    })),
  };
  const body = {
    object: 'whatsapp_business_account',
    entry: [{ id: wabaId, changes: [{ field: 'messages', value }] }],
  };
  const raw = Buffer.from(JSON.stringify(body));
  const signature = `sha256=${createHmac('sha256', appSecret).update(raw).digest('hex')}`;
  const path = `/v1/webhooks/whatsapp/meta/${tenant.channelId}`;
  const answer = await call(mesh.urls.gateway, 'POST', path, { raw, headers: { 'x-hub-signature-256': signature } });
  return answer.status;
}

async function readList(edition: Edition, path: string): Promise<void> {
  const { data } = await must(call<{ data: Shown[] }>(mesh.urls.gateway, 'GET', path, { token: tenant[edition] }), 200);
  const found = shown.get(edition) ?? new Map<string, Shown>();
  for (const message of data) found.set(message[IDS[edition]] as string, message);
  shown.set(edition, found);
}

beforeAll(async () => {
  sandbox = createSandboxControl(mesh.urls.sandbox);
  tenant = await createTenant(mesh.urls.gateway, sandbox);
  await Promise.all((['crm', 'saas', 'inbox'] as const).map(listen));
  expect(await post()).toBe(200);
  await until('all messages on every screen', async () =>
    [...shown.values()].every((found) => found.size === MESSAGES.length) ? true : null,
  );
  const path = '/v1/chats';
  const chats = await must(
    call<{ data: { id: string }[] }>(mesh.urls.gateway, 'GET', path, { token: tenant.crm }),
    200,
  );
  // The customer's and the group's.
  expect(chats.data).toHaveLength(2);
  for (const { id } of chats.data) {
    await readList('crm', `/v1/chats/${id}/messages?limit=100`);
    await readList('saas', `/api/v1/whatsapp/conversations/${id}/messages?limit=100`);
  }
});

afterAll(async () => {
  for (const socket of sockets) socket.close();
  await sandbox?.close();
});

/** Values that stand in an object at any depth. */
function leavesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  return Object.values(value).flatMap(leavesOf);
}

// inbox has no list of messages yet; its socket shows the same view.
describe.each(['crm', 'saas', 'crm, live', 'saas, live', 'inbox, live'])('a message of Meta in %s', (place) => {
  const edition = place.split(',')[0] as Edition;

  it.each(MESSAGES.map((message, i) => ({ ...message, i })))('shows all of $name', (expected) => {
    const message = shown.get(place)!.get(idOf(expected.i))!;
    expect(String(message[KINDS[edition]]).toLowerCase()).toBe(expected.type);
    expect(message.content).not.toBe('');
    if (expected.content !== '') expect(message.content).toBe(expected.content);
    const { raw: _, ...parts } = expected.details ?? {};
    const told = JSON.stringify(message);
    for (const leaf of leavesOf(parts)) expect(told).toContain(leaf);
  });
});
