import type { SessionControl } from '@recado/sandbox';
import { EVOLUTION_MESSAGES, WPPCONNECT_MESSAGES } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, must, until } from '../../support/api.ts';
import { linkPhone } from '../../support/link-phone.ts';
import { ALL_PLACES, EDITIONS, kindOf, missingOf, Screens } from '../../support/shown.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import { sharedTestMesh } from '../shared-mesh.ts';

type Message = (typeof EVOLUTION_MESSAGES)[number];
interface SessionEvent {
  event: string;
  data: Record<string, unknown>;
}

const mesh = sharedTestMesh();
const PHONE = '5511977770001';
const TIME = 1_790_000_000;

/** How each provider tells messages and what becomes of them. */
const PROVIDERS = {
  evolution: {
    messages: EVOLUTION_MESSAGES,
    message(id: string, { item, key }: Message, i: number): SessionEvent {
      const place = { remoteJid: `${PHONE}@s.whatsapp.net`, fromMe: false, id, ...key };
      return {
        event: 'messages.upsert',
        data: { key: place, pushName: 'Ana', messageTimestamp: TIME + i, source: 'android', ...item },
      };
    },
    text: (content: string) => ({ message: { conversation: content } }),
    // To a customer's phone our number is the chat: who made it is not told.
    edit: (id: string, text: string): SessionEvent => ({
      event: 'messages.edited',
      data: {
        key: { remoteJid: '5511940000000@s.whatsapp.net', fromMe: true, id },
        type: 'MESSAGE_EDIT',
        editedMessage: { conversation: text },
        timestampMs: String((TIME + 500) * 1000),
      },
    }),
    deletion: (id: string): SessionEvent => ({
      event: 'messages.delete',
      data: { remoteJid: `${PHONE}@s.whatsapp.net`, fromMe: false, id },
    }),
    reaction: (id: string, text: string): SessionEvent => ({
      event: 'messages.upsert',
      data: {
        key: { remoteJid: `${PHONE}@s.whatsapp.net`, fromMe: false, id: `R${id}` },
        message: { reactionMessage: { key: { id }, text } },
        messageTimestamp: TIME + 500,
      },
    }),
    vote: (id: string, option: string): SessionEvent => ({
      event: 'messages.update',
      data: {
        keyId: id,
        remoteJid: `${PHONE}@s.whatsapp.net`,
        fromMe: true,
        status: 'DELETED',
        pollUpdates: [{ name: option, voters: [`${PHONE}@s.whatsapp.net`] }],
      },
    }),
    call: (id: string): SessionEvent => ({
      event: 'call',
      data: {
        id,
        from: `${PHONE}@s.whatsapp.net`,
        status: 'timeout',
        isVideo: false,
        date: '2026-09-21T15:00:00.000Z',
      },
    }),
  },
  wppconnect: {
    messages: WPPCONNECT_MESSAGES,
    message(id: string, { item, key }: Message, i: number): SessionEvent {
      const chat = `${PHONE}@c.us`;
      const place = { from: chat, chatId: chat, ...key };
      const self = { id: `false_${chat}_${id}`, to: '5511940000000@c.us', fromMe: false, t: TIME + i };
      return { event: 'onmessage', data: { ...self, notifyName: 'Ana', sender: { id: chat }, ...place, ...item } };
    },
    text: (content: string) => ({ type: 'chat', body: content }),
    // The server listens for no edits.
    edit: null,
    deletion: (id: string): SessionEvent => ({
      event: 'onrevokedmessage',
      data: {
        from: `${PHONE}@c.us`,
        to: '5511940000000@c.us',
        id: { id: 'X' },
        refId: { fromMe: false, remote: `${PHONE}@c.us`, id, _serialized: `false_${PHONE}@c.us_${id}` },
      },
    }),
    reaction: (id: string, text: string): SessionEvent => ({
      event: 'onreactionmessage',
      data: {
        id: { fromMe: false, remote: `${PHONE}@c.us`, id: `R${id}` },
        msgId: { fromMe: false, remote: `${PHONE}@c.us`, id },
        reactionText: text,
        timestamp: TIME + 500,
      },
    }),
    vote: (id: string, option: string): SessionEvent => ({
      event: 'onpollresponse',
      data: {
        msgId: { fromMe: true, remote: `${PHONE}@c.us`, id },
        chatId: `${PHONE}@c.us`,
        selectedOptions: [{ name: option, localId: 0 }],
        sender: `${PHONE}@c.us`,
        timestamp: (TIME + 500) * 1000,
      },
    }),
    call: (id: string): SessionEvent => ({
      event: 'incomingcall',
      data: { id, peerJid: `${PHONE}@c.us`, offerTime: TIME + 600, isVideo: false, isGroup: false },
    }),
  },
};
type Name = keyof typeof PROVIDERS;

describe.each(Object.keys(PROVIDERS) as Name[])('a message of %s', (provider) => {
  const told = PROVIDERS[provider];
  let tenant: TestTenant;
  let screens: Screens;
  let session: SessionControl;
  const idOf = (i: number) => `3EB0${provider.toUpperCase()}${i}`;
  const changed = { edited: `${idOf(900)}`, deleted: `${idOf(901)}`, reacted: `${idOf(902)}` };

  beforeAll(async () => {
    tenant = await createTenant(mesh.gateway, mesh.sandbox);
    ({ session } = await linkPhone(mesh.gateway, mesh.sandbox, tenant.crm, provider));
    screens = new Screens(mesh.gateway, tenant);
    await screens.listen();
    const tell = async (event: SessionEvent) =>
      expect((await session.tell({ ...event, wait: true })).delivery).toMatchObject({ status: 'accepted' });
    const text = (id: string, content: string, i: number) =>
      told.message(id, { name: '', item: told.text(content), type: 'text', content, details: null }, i);
    await Promise.all(told.messages.map((message, i) => tell(told.message(idOf(i), message, i))));
    const texts = [
      [changed.edited, 'At five'],
      [changed.deleted, 'A secret'],
      [changed.reacted, 'Thank you'],
    ] as const;
    await Promise.all(texts.map(([id, content], i) => tell(text(id, content, 400 + i))));
    await screens.untilLive(told.messages.length + texts.length);
    if (told.edit) await tell(told.edit(changed.edited, 'At six'));
    await tell(told.deletion(changed.deleted));
    await tell(told.reaction(changed.reacted, '👍'));
    await tell(told.vote(idOf(903), 'Friday'));
    await tell(told.call('CALL1'));
    await screens.untilLive(told.messages.length + texts.length + 3);
    await until('the changes in the threads', async () => {
      expect(await screens.readThreads()).toBe(2);
      return screens.find('crm', changed.deleted)?.content !== 'A secret' ? true : null;
    });
  }, 120_000);

  afterAll(() => screens?.close());

  // wppconnect-server tells of it by its `onSelfMessage` alone, which is off by default.
  it.runIf(provider === 'evolution')('shows what was typed on the phone, once', async () => {
    await session.says({ from: PHONE, text: 'From the phone', fromMe: true, wait: true });
    await until('the message in the threads', async () => {
      await screens.readThreads();
      return EDITIONS.every((place) => screens.findByText(place, 'From the phone')) || null;
    });
    for (const place of EDITIONS) expect(screens.allByText(place, 'From the phone')).toHaveLength(1);
  });

  it('shows what became of an answer', async () => {
    const body = { chat_id: screens.chatOf(changed.reacted), message_type: 'text', content: 'Our answer' };
    await must(call(mesh.gateway, 'POST', '/v1/messages', { token: tenant.crm, body }), 201);
    await until('the customer to read it', async () => {
      await screens.readThreads();
      return EDITIONS.every((place) => /read/i.test(String(screens.findByText(place, 'Our answer')?.status))) || null;
    });
    // The server tells of it as of what other programs send.
    for (const place of EDITIONS) expect(screens.allByText(place, 'Our answer')).toHaveLength(1);
  });

  describe.each(ALL_PLACES)('in %s', (place) => {
    it.each(told.messages.map((message, i) => ({ ...message, i })))('shows all of $name', (expected) => {
      const message =
        expected.ownId === false ? screens.findByText(place, expected.content) : screens.find(place, idOf(expected.i));
      expect(message).toBeDefined();
      expect(kindOf(place, message!)).toBe(expected.type);
      expect(message!.content).not.toBe('');
      if (expected.content !== '') expect(message!.content).toBe(expected.content);
      expect(missingOf(message!, expected.details)).toEqual([]);
    });
  });

  it.each(EDITIONS)('shows edits, deletions, reactions, votes and calls in %s', (place) => {
    const edited = screens.find(place, changed.edited)!;
    if (told.edit) expect(edited.content).toBe('At six');
    const change = { kind: 'edited', at: '2026-09-21T14:21:40.000Z' } as const;
    if (told.edit) expect(missingOf(edited, { changed: change })).toEqual([]);
    const deleted = screens.find(place, changed.deleted)!;
    expect(JSON.stringify(deleted)).not.toContain('A secret');
    expect(deleted.content).not.toBe('');
    expect(JSON.stringify(screens.find(place, changed.reacted))).toContain('👍');
    expect(screens.findByText(place, 'Friday')).toBeDefined();
    expect(screens.find(place, 'call:CALL1')!.content).not.toBe('');
  });
});
