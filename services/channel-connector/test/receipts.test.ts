import { randomUUID } from 'node:crypto';
import { buildEvent, messageRead, uuidv7 } from '@recado/contracts';
import { EVOLUTION_KEY, WPPCONNECT_SECRET } from '@recado/sandbox';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome, ReadMessage } from '../src/providers/provider.ts';
import { bearer, createChannel, createFixture, type Fixture } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
  await fixture.sandbox.control.setBehaviour({ web: { connectMs: 1 } });
});
afterAll(() => fixture.stop());

const recipient = { waId: '5511911112222', phone: '+5511911112222', userId: null };
interface Read {
  messageId: string;
  wamid: string;
}

/** Publishes that these messages of one conversation were read, each later than the one before. */
async function readIn(
  channel: { id: string; tenantId: string },
  conversationId: string,
  count: number,
  more: { byReply?: true } = {},
) {
  const reads: Read[] = [];
  for (let i = 0; i < count; i++) {
    const [messageId, wamid] = [uuidv7(), `wamid.${randomUUID()}`];
    const at = new Date().toISOString();
    const { subject, envelope } = buildEvent(messageRead, {
      tenantId: channel.tenantId,
      data: {
        ...{ messageId, conversationId, channelId: channel.id, providerMessageId: wamid },
        ...{ to: recipient, sentTime: at, userId: null, at, ...more },
      },
    });
    await fixture.bus.js.publish(subject, JSON.stringify(envelope), { msgID: envelope.id });
    reads.push({ messageId, wamid });
  }
  return reads;
}

const receiptsOf = async (phoneNumberId: string) =>
  (await fixture.sandbox.control.ledgerAll('receipts')).filter((row) => row.phoneNumberId === phoneNumberId);
const stateOf = async (conversationId: string) => {
  const [row] = await fixture.sql`
    select state, message_id, error_code from channel_connector.read_receipts where conversation_id = ${conversationId}`;
  return row && [row.state, row.message_id, row.error_code];
};

describe('a read receipt', () => {
  it('goes out for the last message of a conversation, and for none twice', async () => {
    const channel = await createChannel(fixture);
    const conversationId = randomUUID();
    const reads = await readIn(channel, conversationId, 5);
    await eventually(async () => expect(await stateOf(conversationId)).toEqual(['sent', reads[4]!.messageId, null]));
    const sent = await receiptsOf(channel.phoneNumberId);
    expect(sent.at(-1)).toMatchObject({ provider: 'meta', messageId: reads[4]!.wamid, typing: false });
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(sent.length);
  });

  it('is not asked for again when the provider refuses it', async () => {
    const channel = await createChannel(fixture);
    const conversationId = randomUUID();
    await fixture.sandbox.control.setBehaviour({ errorRate: 1, errorCode: 131009 });
    const [read] = await readIn(channel, conversationId, 1);
    await eventually(async () => expect(await stateOf(conversationId)).toEqual(['failed', read!.messageId, '131009']));
    await fixture.sandbox.control.setBehaviour({ errorRate: 0 });
  });

  it('is asked for again after a refusal that passes', async () => {
    const channel = await createChannel(fixture);
    const conversationId = randomUUID();
    await fixture.sandbox.control.setBehaviour({ errorRate: 1, errorCode: 130429 });
    const [read] = await readIn(channel, conversationId, 1);
    await eventually(async () => {
      const [job] = await fixture.sql`
        select tries from channel_connector.jobs where data->>'conversationId' = ${conversationId}`;
      expect(job!.tries).toBe(1);
    });
    await fixture.sandbox.control.setBehaviour({ errorRate: 0 });
    await eventually(async () => expect(await stateOf(conversationId)).toEqual(['sent', read!.messageId, null]));
  });

  it.each<[string, string | undefined, { byReply?: true }, string | null]>([
    ['goes out by the answer of a person', undefined, { byReply: true }, 'sent'],
    ['goes out for what was read where answers count for nothing', 'reads', {}, 'sent'],
    ['of an answer is left out there', 'reads', { byReply: true }, null],
    ['is left out where none is wanted', 'never', {}, 'skipped'],
  ])('%s', async (_what, readReceipts, more, state) => {
    const channel = await createChannel(fixture);
    const changed = await fixture.connector.app.inject({
      method: 'PUT',
      url: `/channels/${channel.id}`,
      headers: { authorization: bearer(channel.tenantId) },
      payload: { settings: { readReceipts } },
    });
    expect(changed.statusCode, changed.body).toBe(200);
    const [conversationId, after] = [randomUUID(), randomUUID()];
    await readIn(channel, conversationId, 1, more);
    // Events of a tenant come in order: the second one shows that the first is through.
    await readIn(channel, after, 1);
    const isThrough = readReceipts === 'never' ? 'skipped' : 'sent';
    await eventually(async () => expect((await stateOf(after))?.[0]).toBe(isThrough));
    await eventually(async () => expect((await stateOf(conversationId))?.[0] ?? null).toBe(state));
  });

  it('of a number of another company is left out', async () => {
    const channel = await createChannel(fixture);
    const conversationId = randomUUID();
    const [read] = await readIn({ id: channel.id, tenantId: randomUUID() }, conversationId, 1);
    await eventually(async () =>
      expect(await stateOf(conversationId)).toEqual(['skipped', read!.messageId, 'channel_not_found']),
    );
    expect(await receiptsOf(channel.phoneNumberId)).toEqual([]);
  });
});

describe('the sign that an agent is typing', () => {
  const show = (channelId: string, tenantId: string) =>
    fixture.connector.app.inject({
      method: 'POST',
      url: `/channels/${channelId}/typing`,
      headers: { authorization: bearer(tenantId, ['messages.create']) },
      payload: { providerMessageId: 'wamid.typing', to: recipient },
    });

  it('is shown by the customer’s last message, and of a number of another company is 404', async () => {
    const channel = await createChannel(fixture);
    expect((await show(channel.id, channel.tenantId)).json()).toEqual({ shown: true });
    await eventually(async () =>
      expect(await receiptsOf(channel.phoneNumberId)).toMatchObject([{ messageId: 'wamid.typing', typing: true }]),
    );
    expect((await show(channel.id, randomUUID())).statusCode).toBe(404);
  });
});

async function post(url: string, headers: Record<string, string>, body?: object) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await response.json()) as Record<string, string>;
}

/** The secrets of a linked phone that the sandbox plays. */
const linked = {
  async evolution(name: string) {
    const serverUrl = fixture.sandbox.evolutionUrl;
    const made = { instanceName: name, integration: 'WHATSAPP-BAILEYS', qrcode: true };
    const { hash: apiKey } = await post(`${serverUrl}/instance/create`, { apikey: EVOLUTION_KEY }, made);
    return { serverUrl, instanceName: name, apiKey: apiKey!, webhookSecret: 'x' };
  },
  async wppconnect(name: string) {
    const serverUrl = fixture.sandbox.wppconnectUrl;
    const { token } = await post(`${serverUrl}/api/${name}/${WPPCONNECT_SECRET}/generate-token`, {});
    const authorization = `Bearer ${token}`;
    await post(`${serverUrl}/api/${name}/start-session`, { authorization }, { webhook: '', waitQrCode: false });
    return { serverUrl, sessionName: name, token: token!, webhookSecret: 'x' };
  },
};

describe.each(['evolution', 'wppconnect'] as const)('of %s', (name) => {
  async function read(account: unknown, message: Partial<ReadMessage>): Promise<Outcome<true>> {
    const provider = fixture.connector.deps.providers.get(name)!;
    const full = { providerMessageId: 'ABC123', recipient, ...message };
    return provider.markRead!({ providerId: 'x', account: provider.open(account) }, full);
  }

  it('reaches the chat of the customer, by phone or hidden address, and says why it does not', async () => {
    const phone = `read-${name}`;
    const secrets = await linked[name](phone);
    await fixture.sandbox.control.session(name, phone).scan();
    await eventually(async () => expect((await read(secrets, {})).kind).toBe('ok'));
    if (name === 'evolution') {
      // WhatsApp ticks each message by itself.
      await read(secrets, { earlier: ['ABC122', 'ABC121'] });
      const ticked = (await receiptsOf(phone)).slice(-3).map(({ messageId }) => messageId);
      expect(ticked).toEqual(['ABC123', 'ABC122', 'ABC121']);
    }
    await read(secrets, { recipient: { waId: null, phone: null, userId: '123456789012345@lid' } });
    const rows = await receiptsOf(phone);
    expect(rows.slice(-2).map(({ messageId }) => messageId)).toEqual(
      name === 'evolution' ? ['ABC121', 'ABC123'] : ['5511911112222@c.us', '123456789012345@lid'],
    );
    const provider = fixture.connector.deps.providers.get(name)!;
    await provider.showTyping!(
      { providerId: 'x', account: provider.open(secrets) },
      { providerMessageId: 'ABC123', recipient },
    );
    expect((await receiptsOf(phone)).at(-1)).toMatchObject({ typing: true });
    const wrong = name === 'evolution' ? { apiKey: 'wrong' } : { token: 'wrong' };
    expect(await read({ ...secrets, ...wrong }, {})).toMatchObject({ kind: 'refused' });
    expect(await read({ ...secrets, serverUrl: 'http://127.0.0.1:9' }, {})).toMatchObject({ kind: 'not-sent' });
    await fixture.sandbox.control.session(name, phone).disconnect({ reason: 'logout' });
    await eventually(async () =>
      expect(await read(secrets, {})).toMatchObject({
        kind: 'refused',
        refusal: { code: name === 'evolution' ? 'connection_closed' : 'session_closed' },
      }),
    );
  });
});
