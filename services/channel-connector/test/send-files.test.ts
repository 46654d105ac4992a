import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildEvent,
  type EventData,
  type fileErased,
  filesErased,
  type OutboundContent,
  type StoredFile,
} from '@recado/contracts';
import { eventually, internalToken } from '@recado/testkit';
import { EncodedAudioPacketSource, EncodedPacket, FilePathTarget, Output, WebMOutputFormat } from 'mediabunny';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChannel, createFixture, eventsOf, type Fixture, requestMessage, untilState } from './support.ts';
import { uploadFile } from './uploads.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.stop());

const picture = (color: string) =>
  sharp({ create: { width: 40, height: 30, channels: 3, background: color } })
    .jpeg()
    .toBuffer();
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');
const imageOf = ({ id }: StoredFile): OutboundContent => ({
  kind: 'image',
  media: { fileId: id },
  caption: 'Catálogo',
});
const accepted = (messageId: string) => fixture.sandbox.control.ledgerMessages({ bizOpaqueCallbackData: messageId });
const mediaOf = async (phoneNumberId: string) =>
  (await fixture.sandbox.control.media()).filter((one) => one.phoneNumberId === phoneNumberId);

async function sendTo(channel: Awaited<ReturnType<typeof createChannel>>, content: OutboundContent) {
  const { messageId } = await requestMessage(fixture, channel, { content });
  await untilState(fixture, messageId, 'sent');
  const rows = await accepted(messageId);
  expect(rows).toHaveLength(1);
  return { messageId, body: rows[0]!.body as Record<string, unknown> };
}

/** A recording of a browser: Opus in WebM. */
async function recording(seconds: number): Promise<Buffer> {
  const dir = await mkdtemp(join(tmpdir(), 'recado-recording-'));
  const path = join(dir, 'voice.webm');
  const output = new Output({ format: new WebMOutputFormat(), target: new FilePathTarget(path) });
  const source = new EncodedAudioPacketSource('opus');
  output.addAudioTrack(source);
  await output.start();
  const head = Buffer.concat([Buffer.from('OpusHead'), Buffer.from([1, 1, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0])]);
  const decoderConfig = { codec: 'opus', numberOfChannels: 1, sampleRate: 48_000, description: head };
  for (let i = 0; i < seconds * 50; i++) {
    const silence = new Uint8Array([0xf8, 0xff, 0xfe]);
    await source.add(new EncodedPacket(silence, 'key', i / 50, 0.02), { decoderConfig });
  }
  await output.finalize();
  const bytes = await readFile(path);
  await rm(dir, { recursive: true });
  return bytes;
}

describe('a file of ours on Meta', () => {
  test('is uploaded once for its number, and each message names its id', async () => {
    const channel = await createChannel(fixture);
    const content = await picture('red');
    const file = await uploadFile(fixture, channel.tenantId, 'catálogo.jpg', content);
    const first = await sendTo(channel, imageOf(file));
    const [media, ...more] = await mediaOf(channel.phoneNumberId);
    expect(more).toEqual([]);
    expect(media).toMatchObject({ mimeType: 'image/jpeg', sha256: sha256(content) });
    expect(first.body).toEqual({ id: media!.id, caption: 'Catálogo' });
    const second = await sendTo(channel, { kind: 'document', media: { fileId: file.id } });
    expect(second.body).toEqual({ id: media!.id, filename: 'catálogo.jpg' });
    expect(await mediaOf(channel.phoneNumberId)).toHaveLength(1);
    const other = await createChannel(fixture, { tenantId: channel.tenantId });
    await sendTo(other, imageOf(file));
    expect(await mediaOf(other.phoneNumberId)).toHaveLength(1);
  });

  test('waits for its upload as no try, and a message behind it does not overtake it', async () => {
    const channel = await createChannel(fixture);
    const file = await uploadFile(fixture, channel.tenantId, 'a.jpg', await picture('green'));
    const conversationId = randomUUID();
    const first = await requestMessage(fixture, channel, { conversationId, content: imageOf(file) });
    const second = await requestMessage(fixture, channel, { conversationId, text: 'Después' });
    await Promise.all([first, second].map(({ messageId }) => untilState(fixture, messageId, 'sent')));
    const [[a], [b]] = [await accepted(first.messageId), await accepted(second.messageId)];
    expect(a!.sequence).toBeLessThan(b!.sequence);
    const tries = await fixture.sql`
      select result from channel_connector.dispatch_attempts where message_id = ${first.messageId}`;
    expect(tries.map(({ result }) => result)).toEqual(['sent']);
  });

  test('is uploaded again when Meta no longer knows its id', async () => {
    const channel = await createChannel(fixture);
    const file = await uploadFile(fixture, channel.tenantId, 'a.jpg', await picture('blue'));
    await sendTo(channel, imageOf(file));
    const { id } = (await mediaOf(channel.phoneNumberId))[0]!;
    const headers = { authorization: `Bearer ${channel.accessToken}` };
    await fetch(`${fixture.sandbox.graphUrl}/v23.0/${id}`, { method: 'DELETE', headers });
    await fixture.sql`
      update channel_connector.provider_files set updated_at = now() - interval '29 days' where file_id = ${file.id}`;
    const { body } = await sendTo(channel, imageOf(file));
    expect(body.id).not.toBe(id);
    expect((await mediaOf(channel.phoneNumberId)).map((one) => one.id)).toEqual([body.id]);
  });

  test('that Meta refuses fails its messages with the reason, and nothing goes out', async () => {
    const channel = await createChannel(fixture);
    const zip = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), Buffer.alloc(64)]);
    const file = await uploadFile(fixture, channel.tenantId, 'a.zip', zip);
    const content: OutboundContent = { kind: 'document', media: { fileId: file.id } };
    const { messageId } = await requestMessage(fixture, channel, { content });
    const row = await untilState(fixture, messageId, 'failed');
    expect(row).toMatchObject({ error_code: '100' });
    expect(await accepted(messageId)).toEqual([]);
    await eventually(async () => {
      const statuses = await eventsOf<{ messageId: string; status: string }>(
        fixture,
        channel.tenantId,
        'message.status-changed',
      );
      expect(statuses).toContainEqual(expect.objectContaining({ messageId, status: 'failed' }));
    });
  });

  test('that was erased, or is another tenant’s, is not sent', async () => {
    const [channel, other] = [await createChannel(fixture), await createChannel(fixture)];
    const foreign = await uploadFile(fixture, other.tenantId, 'a.jpg', await picture('pink'));
    const { messageId } = await requestMessage(fixture, channel, { content: imageOf(foreign) });
    expect(await untilState(fixture, messageId, 'failed')).toMatchObject({ error_code: 'file_gone' });
    expect(await mediaOf(channel.phoneNumberId)).toEqual([]);
  });

  test('that a person erased fails what still needs it, and the messages that took it are named', async () => {
    const channel = await createChannel(fixture);
    const { tenantId } = channel;
    const file = await uploadFile(fixture, tenantId, 'a.jpg', await picture('olive'));
    await sendTo(channel, imageOf(file));
    const authorization = `Bearer ${internalToken({ tenantId, role: 'admin', permissions: ['messages.create'] })}`;
    const url = `/files/${file.id}`;
    const erased = await fixture.connector.app.inject({ method: 'DELETE', url, headers: { authorization } });
    expect(erased.statusCode).toBe(204);
    const told = await eventsOf<EventData<typeof fileErased>>(fixture, tenantId, 'file.erased');
    expect(told.map(({ fileIds }) => fileIds)).toEqual([[file.id]]);
    const { messageId } = await requestMessage(fixture, channel, { content: imageOf(file) });
    const row = await untilState(fixture, messageId, 'failed');
    expect(row).toMatchObject({ error_code: 'file_gone', attempts: 1 });
    expect(await accepted(messageId)).toEqual([]);
  });

  test('leaves the disk and Meta when its owner is erased, also twice', async () => {
    const channel = await createChannel(fixture);
    const { tenantId } = channel;
    const [file, other] = [
      await uploadFile(fixture, tenantId, 'a.jpg', await picture('black')),
      await uploadFile(fixture, tenantId, 'b.jpg', await picture('white')),
    ];
    for (const one of [file, other]) await sendTo(channel, imageOf(one));
    expect(await mediaOf(channel.phoneNumberId)).toHaveLength(2);
    const data = { contactId: randomUUID(), fileIds: [file.id] };
    const { subject, envelope } = buildEvent(filesErased, { tenantId, data });
    for (const id of [envelope.id, randomUUID()]) {
      await fixture.bus.js.publish(subject, JSON.stringify({ ...envelope, id }), { msgID: id });
    }
    await eventually(async () => {
      const names = await readdir(fixture.mediaDir, { recursive: true });
      expect(names.filter((name) => name.includes(file.id))).toEqual([]);
      expect(names.filter((name) => name.includes(other.id)).length).toBeGreaterThan(1);
      expect(await mediaOf(channel.phoneNumberId)).toHaveLength(1);
    });
  });

  test('that a browser recorded goes as a voice message in OGG', async () => {
    const channel = await createChannel(fixture);
    const file = await uploadFile(
      fixture,
      channel.tenantId,
      'voice.webm',
      await recording(2),
      'audio/webm;codecs=opus',
    );
    expect(file).toMatchObject({ type: 'audio/webm', variants: ['original', 'playback'] });
    const { body } = await sendTo(channel, { kind: 'audio', media: { fileId: file.id }, voice: true });
    const [media] = await mediaOf(channel.phoneNumberId);
    expect(media).toMatchObject({ id: body.id, mimeType: 'audio/ogg', filename: 'voice.ogg' });
    expect(body).toEqual({ id: media!.id, voice: true });
  });

  test('stands in the header of buttons and of a template', async () => {
    const channel = await createChannel(fixture);
    const file = await uploadFile(fixture, channel.tenantId, 'a.jpg', await picture('grey'));
    const media = { fileId: file.id };
    const buttons = await sendTo(channel, {
      kind: 'buttons',
      body: 'Elige',
      header: { file: { kind: 'image', media } },
      buttons: [{ id: 'y', title: 'Sí' }],
    });
    const { id } = (await mediaOf(channel.phoneNumberId))[0]!;
    expect(buttons.body).toMatchObject({ header: { type: 'image', image: { id } } });
  });
});
