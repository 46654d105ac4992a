import { randomUUID } from 'node:crypto';
import { type Message, PLANS, type StoredFile } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { applyStatuses } from '../src/statuses/apply.ts';
import { createFixture, delivered, type Fixture, type Person, person, received, statusChanged } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('contents');
  service = await fixture.start();
});
afterAll(() => fixture.close());

interface Chat {
  conversationId: string;
  channelId: string;
  /** The customer's message. */
  inbound: string;
  providerMessageId: string;
}

async function chat(who: Person, sentTime = new Date().toISOString()): Promise<Chat> {
  const channelId = randomUUID();
  const providerMessageId = `wamid.${randomUUID()}`;
  const from = { waId: `519${Math.random().toString().slice(2, 10)}`, phone: null };
  const event = received(who.tenantId, { channelId, from, providerMessageId, sentTime });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  const [row] = await fixture.admin
    .sql`select conversation_id from conversation.messages where id = ${event.envelope.id}`;
  return { conversationId: row!.conversation_id, channelId, inbound: event.envelope.id, providerMessageId };
}

const send = (who: Person, { conversationId }: Chat, content: object) =>
  service.app.inject({
    method: 'POST',
    url: `/conversations/${conversationId}/messages`,
    headers: who.headers,
    payload: { content },
  });
const requested = async (who: Person, name = 'message.requested') =>
  ((await fixture.outbox(who.tenantId, name)) as unknown as { data: object }[]).map(({ data }) => data);
const requestedInBulk = (who: Person) => requested(who, 'message.bulk-requested');
const fields = (answer: { json(): { error: { details: { field: string; code: string }[] } } }) =>
  answer.json().error.details.map(({ field, code }) => `${field} ${code}`);

const storedFile: Omit<StoredFile, 'id'> = {
  name: 'a.jpg',
  type: 'image/jpeg',
  size: 500,
  sha256: null,
  width: 20,
  height: 10,
  variants: ['original', 'thumbnail'],
  state: 'ready',
  error: null,
  source: 'upload',
  relatedType: null,
  relatedId: null,
  createdBy: null,
  createdAt: '2026-01-01T00:00:00.000Z',
};

const BUTTONS = { kind: 'buttons', body: 'Sí o no', buttons: [{ id: 'yes', title: 'Sí' }] };

describe('sending more than a text', () => {
  it('keeps what was sent on the message, and gives the channel all of it', async () => {
    const who = person();
    const open = await chat(who);
    const answer = await send(who, open, { ...BUTTONS, replyTo: open.inbound });
    expect(answer.statusCode, answer.body).toBe(201);
    const quoted = { providerMessageId: open.providerMessageId, messageId: open.inbound };
    expect(answer.json<{ message: Message }>().message).toMatchObject({
      type: 'interactive',
      content: 'Sí o no',
      details: { interactive: { kind: 'buttons', buttons: BUTTONS.buttons }, context: { quoted } },
    });
    const thread = await service.app.inject({
      url: `/conversations/${open.conversationId}/messages`,
      headers: who.headers,
    });
    expect(thread.json().items[1]).toMatchObject({ details: { context: { quoted } } });
    expect(await requested(who)).toMatchObject([
      {
        type: 'buttons',
        text: 'Sí o no',
        content: BUTTONS,
        about: { messageId: open.inbound, providerMessageId: open.providerMessageId, fromMe: false },
      },
    ]);
  });

  it('gives the channel a plain text as the version before did', async () => {
    const who = person();
    await send(who, await chat(who), { kind: 'text', body: 'Hola' });
    const [event] = await requested(who);
    expect(event).toMatchObject({ type: 'text', text: 'Hola' });
    expect(event).not.toHaveProperty('content');
  });

  it('names each field that the channel does not take, and queues nothing', async () => {
    const who = person();
    const open = await chat(who);
    const long = { ...BUTTONS, buttons: [{ id: 'a', title: 'x'.repeat(21) }] };
    expect(fields(await send(who, open, long))).toEqual(['content.buttons.0.title too_big']);
    const file = { kind: 'image', media: { fileId: randomUUID() } };
    expect(fields(await send(who, open, file))).toEqual(['content.media.fileId unknown_file']);
    const place = { kind: 'location', latitude: 91, longitude: 0 };
    expect(fields(await send(who, open, place))).toEqual(['content.latitude too_big']);
    expect(await requested(who)).toEqual([]);
  });

  it('shows a stored file on its message, and takes what the channel takes alone', async () => {
    const who = person();
    const open = await chat(who);
    const store = (given: Partial<StoredFile> = {}, tenantId = who.tenantId) => {
      const file = { ...storedFile, id: randomUUID(), ...given };
      fixture.files.set(file.id, { ...file, tenantId });
      return { kind: 'image', media: { fileId: file.id }, caption: 'Catálogo' };
    };
    const refused = [
      [store({}, randomUUID()), 'unknown_file'],
      [store({ state: 'uploaded' }), 'unknown_file'],
      [store({ type: 'image/png' }), 'file_type'],
      [store({ size: 1001 }), 'file_size'],
    ] as const;
    for (const [content, code] of refused) {
      expect(fields(await send(who, open, content))).toEqual([`content.media.fileId ${code}`]);
    }
    expect(await requested(who)).toEqual([]);
    const content = store();
    const { message } = (await send(who, open, content)).json<{ message: Message }>();
    expect(message).toMatchObject({
      type: 'image',
      content: 'Catálogo',
      details: {
        media: {
          ...content.media,
          state: 'ready',
          type: 'image/jpeg',
          size: 500,
          fileName: 'a.jpg',
          width: 20,
          height: 10,
        },
      },
    });
    expect(await requested(who)).toMatchObject([{ content }]);
  });

  it('quotes messages of the same conversation alone', async () => {
    const [who, other] = [person(), person()];
    const [open, second, foreign] = [await chat(who), await chat(who), await chat(other)];
    for (const replyTo of [second.inbound, foreign.inbound, randomUUID()]) {
      const answer = await send(who, open, { kind: 'text', body: 'Hola', replyTo });
      expect(fields(answer)).toEqual(['content.replyTo unknown_message']);
    }
    const reaction = { kind: 'reaction', messageId: foreign.inbound, emoji: '👍' };
    expect(fields(await send(who, open, reaction))).toEqual(['content.messageId unknown_message']);
  });

  it('sends a template outside the window, and again when it failed', async () => {
    const who = person();
    const closed = await chat(who, '2026-01-01T00:00:00.000Z');
    expect((await send(who, closed, { kind: 'text', body: 'Hola' })).json().error.code).toBe('outside_window');
    const template = { kind: 'template', name: 'welcome', language: 'es', params: { 1: 'Ana' } };
    expect(fields(await send(who, closed, { ...template, name: 'other' }))).toEqual(['content.name template_unknown']);
    expect(fields(await send(who, closed, { ...template, params: {} }))).toEqual(['content.params.1 template_missing']);
    const { message } = (await send(who, closed, template)).json<{ message: Message }>();
    expect(message).toMatchObject({
      type: 'template',
      content: 'Hola Ana',
      details: { template: { name: 'welcome', params: { 1: 'Ana' } } },
    });
    const components = [{ type: 'body', parameters: [{ type: 'text', text: 'Ana' }] }];
    expect(await requested(who)).toMatchObject([{ content: { kind: 'template', components } }]);
    const failed = statusChanged(who.tenantId, {
      channelId: closed.channelId,
      messageId: message.id,
      status: 'failed',
      error: { code: '131000', message: 'Unknown' },
      source: 'dispatch',
    });
    await withWorker(fixture.worker, (tx) => applyStatuses(tx, [delivered(failed)]));
    const again = await service.app.inject({
      method: 'POST',
      url: `/messages/${message.id}/retry`,
      headers: who.headers,
    });
    expect(again.statusCode, again.body).toBe(201);
    expect(again.json().message.content).toBe('Hola Ana');
    expect(await requested(who)).toMatchObject([{ content: { components } }, { content: { components } }]);
  });
});

describe('sending to many', () => {
  const phone = (n: number) => `+51998${String(n).padStart(6, '0')}`;
  const bulk = (who: Person, body: object, channelId = randomUUID()) => {
    fixture.channels.set(channelId, { id: channelId, tenantId: who.tenantId, provider: 'meta' });
    return service.app.inject({
      method: 'POST',
      url: `/channels/${channelId}/messages-bulk`,
      headers: who.headers,
      payload: body,
    });
  };

  it('makes one message for each contact, spaced out, and changes no conversation', async () => {
    const who = person();
    const to = [phone(1), phone(2), phone(1).replace('+51', '+51 '), phone(3)];
    const answer = await bulk(who, { to, text: 'Promoción', delayMs: 3000 });
    expect(answer.statusCode, answer.body).toBe(201);
    const { items } = answer.json<{ items: { messageId: string; phone: string }[] }>();
    expect(items.map((item) => item.phone)).toEqual([phone(1), phone(2), phone(3)]);
    const events = (await requestedInBulk(who)) as {
      messageId: string;
      bulk: boolean;
      notBefore: string;
      text: string;
    }[];
    expect(events.map(({ messageId }) => messageId).sort()).toEqual(items.map(({ messageId }) => messageId).sort());
    expect(events).toMatchObject(Array(3).fill({ type: 'text', text: 'Promoción', bulk: true }));
    const times = events.map(({ notBefore }) => Date.parse(notBefore)).sort();
    expect(times.map((time) => time - times[0]!)).toEqual([0, 3000, 6000]);
    const rows = await fixture.admin.sql`
      select status, first_response_at from conversation.conversations where tenant_id = ${who.tenantId}`;
    expect(rows).toMatchObject(Array(3).fill({ status: 'new', first_response_at: null }));
  });

  it('names each phone that is none, and what the channel does not take, and sends nothing', async () => {
    const who = person();
    expect(fields(await bulk(who, { to: [phone(1), 'nadie', '+51 12'], text: 'Hola' }))).toEqual([
      'to.1 phone_country',
      'to.2 phone',
    ]);
    const buttons = { ...BUTTONS, buttons: [{ id: 'a', title: 'x'.repeat(21) }] };
    expect(fields(await bulk(who, { to: [phone(1)], content: buttons }))).toEqual(['content.buttons.0.title too_big']);
    expect(await requestedInBulk(who)).toEqual([]);
  });

  it('sends to none when the plan does not allow all', async () => {
    const who = person();
    await fixture.know(who.tenantId, { plan: 'basic' });
    const { maxMessages } = PLANS.basic;
    await fixture.admin.sql`
      insert into conversation.usage_months (tenant_id, month, slot, messages)
      values (${who.tenantId}, date_trunc('month', now() at time zone 'America/Lima'), 0, ${maxMessages! - 1})`;
    const answer = await bulk(who, { to: [phone(1), phone(2)], text: 'Hola' });
    expect(answer.json().error).toMatchObject({ code: 'plan_limit' });
    expect(await requestedInBulk(who)).toEqual([]);
  });
});
