import type { EventData, mediaFetched, messageReceived, StoredFile } from '@recado/contracts';
import { eventually, internalToken } from '@recado/testkit';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createChannel,
  createFixture,
  eventsOf,
  type Fixture,
  frame,
  payload,
  postFrames,
  type TestChannel,
} from './support.ts';

let fixture: Fixture;
let channel: TestChannel;
beforeAll(async () => {
  fixture = await createFixture();
  channel = await createChannel(fixture);
});
afterAll(() => fixture.stop());

const CUSTOMER = '5511911112222';
type Received = EventData<typeof messageReceived>;
type Fetched = EventData<typeof mediaFetched>;

/** A customer sends a file; the message that was stored of it. */
async function receive(kind: 'image' | 'audio' | 'document', content: Buffer, mimeType: string): Promise<Received> {
  const media = { base64: content.toString('base64'), mimeType };
  const before = (await eventsOf(fixture, channel.tenantId, 'message.received')).length;
  await fixture.sandbox.control.customerSays({ phoneNumberId: channel.phoneNumberId, from: CUSTOMER, kind, media });
  return eventually(async () => {
    const all = await eventsOf<Received>(fixture, channel.tenantId, 'message.received');
    expect(all.length).toBeGreaterThan(before);
    return all.at(-1)!;
  });
}

const untilFetched = (fileId: string) =>
  eventually(async () => {
    const all = await eventsOf<Fetched>(fixture, channel.tenantId, 'media.fetched');
    const found = all.find(({ file }) => file.fileId === fileId);
    if (!found) throw new Error('not fetched yet');
    return found;
  });

function get(url: string) {
  const authorization = `Bearer ${internalToken({ tenantId: channel.tenantId, permissions: ['messages.read'] })}`;
  return fixture.connector.app.inject({ method: 'GET', url, headers: { authorization } });
}

describe('the file of a received message', () => {
  it('has its id at once, and is fetched before anybody opens the message', async () => {
    const picture = await sharp({ create: { width: 600, height: 400, channels: 3, background: 'blue' } })
      .png()
      .toBuffer();
    const { details, providerMessageId } = await receive('image', picture, 'image/png');
    const { fileId, state } = details!.media!;
    expect(state).toBe('fetching');
    const fetched = await untilFetched(fileId!);
    expect(fetched).toMatchObject({
      channelId: channel.id,
      providerMessageId,
      file: {
        fileId,
        state: 'ready',
        type: 'image/png',
        size: picture.length,
        width: 600,
        height: 400,
        thumbnail: true,
      },
    });
    expect((await get(`/files/${fileId}/content`)).rawPayload.equals(picture)).toBe(true);
    const file = (await get(`/files/${fileId}`)).json<StoredFile>();
    expect(file).toMatchObject({ name: 'image.png', source: 'inbound', state: 'ready' });
  });

  it('that a person erases leaves its message by an event of its own', async () => {
    const { details, providerMessageId } = await receive('document', Buffer.from('%PDF-1.4 notes'), 'application/pdf');
    const fileId = details!.media!.fileId!;
    await untilFetched(fileId);
    const claims = { tenantId: channel.tenantId, role: 'admin' as const, permissions: ['messages.create'] };
    const headers = { authorization: `Bearer ${internalToken(claims)}` };
    const erase = () => fixture.connector.app.inject({ method: 'DELETE', url: `/files/${fileId}`, headers });
    expect([(await erase()).statusCode, (await erase()).statusCode]).toEqual([204, 404]);
    const all = await eventsOf<Fetched>(fixture, channel.tenantId, 'media.fetched');
    const [, ...news] = all.filter(({ file }) => file.fileId === fileId);
    expect(news).toMatchObject([{ channelId: channel.id, providerMessageId, file: { fileId, state: 'erased' } }]);
  });

  it('is of the type of its bytes, not of the customer’s word', async () => {
    const { details } = await receive('document', Buffer.from('<!doctype html><script>1</script>'), 'application/pdf');
    const { file } = await untilFetched(details!.media!.fileId!);
    expect(file.type).toBe('text/html');
    const { headers } = await get(`/files/${file.fileId}/content`);
    expect(headers['content-disposition']).toMatch(/^attachment; /);
  });

  it('that the provider has no more shows why', async () => {
    const message = { id: 'wamid.gone', from: CUSTOMER, timestamp: String(Math.floor(Date.now() / 1000)) };
    const image = { id: '404', mime_type: 'image/jpeg' };
    const body = payload(channel.phoneNumberId, { messages: [{ ...message, type: 'image', image }] });
    // A repeat orders no second fetch.
    expect(await postFrames(fixture.connector, [frame(channel.id, body), frame(channel.id, body)])).toEqual([200, 200]);
    const [received] = (await eventsOf<Received>(fixture, channel.tenantId, 'message.received')).slice(-1);
    const { file } = await untilFetched(received!.details!.media!.fileId!);
    expect(file).toMatchObject({ state: 'failed', failure: { code: 'expired' } });
    expect((await get(`/files/${file.fileId}/content`)).statusCode).toBe(404);
    const jobs = await fixture.sql`
      select 1 from channel_connector.jobs where name = 'fetch-media' and key = ${file.fileId}`;
    expect(jobs).toHaveLength(1);
  });
});
