import { createHash } from 'node:crypto';
import type { SessionMessageInput } from '../control/session-schemas.ts';
import { sampleFile } from '../meta/samples.ts';
import type { SandboxParts } from '../parts.ts';
import { uuidFrom, webMessageId } from '../whatsapp-web/ids.ts';
import type { Told } from '../whatsapp-web/session-handle.ts';
import { emitEvent } from './events.ts';
import { keepMessage } from './history.ts';
import type { Instance } from './instances.ts';
import type { Body } from './validate.ts';

/** A customer writes, or the phone's owner does. Tells it as Evolution would. */
export function tellMessage(parts: SandboxParts, instance: Instance, input: SessionMessageInput): Told {
  const id = input.id ?? webMessageId(parts.ids);
  const { kind, text, group, from } = input;
  const row = { id, phoneNumberId: instance.name, from, type: kind, text: text ?? null };
  if (!input.fromMe) parts.ledger.append('inbound', { provider: 'evolution', ...row });
  const key = keyOf(parts, instance, input, id);
  const tell = (event: string, data: unknown) => emitEvent(parts, instance, event, data, id);
  if (kind === 'edit') return { id, deliveries: tellEdit(parts, instance, input, key) };
  if (kind === 'revoke') {
    const target = { ...key, id: input.replyTo ?? '' };
    const protocol = { key: asWriterSees(instance, target), type: 'REVOKE' };
    return {
      id,
      deliveries: [tell('messages.edited', protocol), tell('messages.delete', { ...target, status: 'DELETED' })],
    };
  }
  if (kind === 'call') {
    const call = { chatId: key.remoteJid, from: key.participant || key.remoteJid, id, date: new Date().toISOString() };
    const offer = { offline: false, status: 'offer', isVideo: false, isGroup: group !== undefined };
    return { id, deliveries: [tell('call', { ...call, ...offer, ...input.content })] };
  }
  const message = messageOf(parts, instance, input, key);
  keepMessage(parts, instance, message);
  return { id, deliveries: input.unheard ? [] : [tell('messages.upsert', message)] };
}

function messageOf(parts: SandboxParts, instance: Instance, input: SessionMessageInput, key: Key): Body {
  const message = contentOf(parts, instance, input, key);
  const messageType = Object.keys(message)[0] ?? 'unknown';
  const quoted = input.replyTo !== undefined && !['reaction', 'poll_vote'].includes(input.kind);
  const contextInfo = quoted
    ? {
        stanzaId: input.replyTo,
        participant: input.replyToOurs ? instance.wuid : key.remoteJid,
        quotedMessage: { conversation: '…' },
      }
    : undefined;
  return {
    key,
    pushName: input.fromMe ? 'Você' : (input.name ?? key.participant?.split('@')[0]) || null,
    status: input.fromMe ? 'SERVER_ACK' : 'DELIVERY_ACK',
    message: { ...message, messageContextInfo: { deviceListMetadataVersion: 2 } },
    contextInfo,
    messageType,
    messageTimestamp: input.timestamp ?? Math.floor(Date.now() / 1000),
    instanceId: instance.id,
    source: 'android',
    ...(input.kind === 'poll_vote'
      ? { pollUpdates: [{ name: input.text ?? 'Yes', voters: [key.participant || key.remoteJid] }] }
      : {}),
  };
}

interface Key {
  remoteJid: string;
  remoteJidAlt?: string;
  fromMe: boolean;
  id: string;
  participant?: string;
  participantAlt?: string;
  addressingMode: 'pn' | 'lid';
}

/** Who wrote where. 2.3.7 puts the phone in the place of the hidden address when it knows both. */
function keyOf(parts: SandboxParts, instance: Instance, input: SessionMessageInput, id: string): Key {
  const phone = `${input.from}@s.whatsapp.net`;
  const lid = input.lid === undefined ? null : `${input.lid}@lid`;
  const addressingMode = lid ? 'lid' : 'pn';
  const { fromMe, group, lidShape } = input;
  if (group) {
    const { from, name } = input;
    if (!fromMe)
      parts.groups.hear({ provider: 'evolution', number: instance.name }, group, { phone: from, lid: input.lid, name });
    const author = fromMe ? (instance.wuid ?? phone) : (lid ?? phone);
    const alone = fromMe || !lid || lidShape === 'alone';
    const sender = { participant: author, ...(alone ? {} : { participantAlt: phone }) };
    return { remoteJid: `${group.id}@g.us`, fromMe, id, ...sender, addressingMode };
  }
  if (!lid) return { remoteJid: phone, fromMe, id, participant: '', addressingMode };
  const remoteJid = lidShape === 'swapped' ? phone : lid;
  return {
    remoteJid,
    ...(lidShape === 'alone' ? {} : { remoteJidAlt: phone }),
    fromMe,
    id,
    participant: '',
    addressingMode,
  };
}

/** 2.3.7 hands on what the writer's phone says: of a customer's message the chat is our number. */
const asWriterSees = ({ wuid }: Instance, { remoteJid, fromMe, id }: Pick<Key, 'remoteJid' | 'fromMe' | 'id'>) =>
  fromMe || remoteJid.endsWith('@g.us') ? { remoteJid, fromMe: true, id } : { remoteJid: wuid, fromMe: true, id };

/** An edit comes twice: as the protocol's message, and as an update whose status has no word. */
function tellEdit(parts: SandboxParts, instance: Instance, input: SessionMessageInput, key: Key) {
  const target = { remoteJid: key.remoteJid, fromMe: key.fromMe, id: input.replyTo ?? '' };
  const editedMessage = { conversation: input.text ?? '' };
  const seen = asWriterSees(instance, target);
  const protocol = { key: seen, type: 'MESSAGE_EDIT', editedMessage, timestampMs: String(Date.now()) };
  const update = {
    keyId: target.id,
    remoteJid: target.remoteJid,
    fromMe: target.fromMe,
    participant: key.participant || undefined,
    status: parts.behaviour().web.oddStatus,
    message: { editedMessage: { message: editedMessage } },
    instanceId: instance.id,
    messageId: uuidFrom(parts.ids),
  };
  return [
    emitEvent(parts, instance, 'messages.edited', protocol, key.id),
    emitEvent(parts, instance, 'messages.update', update, key.id),
  ];
}

function contentOf(parts: SandboxParts, instance: Instance, input: SessionMessageInput, key: Key): Body {
  const over = input.content ?? {};
  const text = input.text ?? '';
  switch (input.kind) {
    case 'text':
      return { conversation: text, ...over };
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return mediaOf(parts, instance, input, key.id);
    case 'location':
      return { locationMessage: { degreesLatitude: -23.5505, degreesLongitude: -46.6333, name: text, ...over } };
    case 'contacts':
      return { contactMessage: { displayName: text || 'Ana Souza', vcard: VCARD, ...over } };
    case 'reaction': {
      const target = { remoteJid: key.remoteJid, fromMe: input.replyToOurs, id: input.replyTo ?? '' };
      return { reactionMessage: { key: target, text, senderTimestampMs: String(Date.now()), ...over } };
    }
    case 'button_reply': {
      const chosen = { selectedId: input.replyId ?? text, selectedDisplayText: text, selectedIndex: 0 };
      return { templateButtonReplyMessage: { ...chosen, ...over } };
    }
    case 'list_reply': {
      const singleSelectReply = { selectedRowId: input.replyId ?? text };
      return { listResponseMessage: { title: text, listType: 1, singleSelectReply, ...over } };
    }
    case 'poll_vote': {
      const poll = { remoteJid: key.remoteJid, fromMe: input.replyToOurs, id: input.replyTo ?? '' };
      const vote = { selectedOptions: [text || 'Yes'] };
      return {
        pollUpdateMessage: { pollCreationMessageKey: poll, vote, senderTimestampMs: String(Date.now()), ...over },
      };
    }
    default:
      return over;
  }
}

const VCARD =
  'BEGIN:VCARD\nVERSION:3.0\nN:;Ana Souza;;;\nFN:Ana Souza\nitem1.TEL;waid=5511988887777:+55 11 98888-7777\nEND:VCARD';

/** Bytes come as an object of numbers, lengths as low and high halves: as protobuf leaves them. */
function mediaOf(parts: SandboxParts, instance: Instance, input: SessionMessageInput, id: string): Body {
  const sample = sampleFile(input.kind);
  const data = input.media?.base64 === undefined ? sample.data : Buffer.from(input.media.base64, 'base64');
  const mimeType = input.media?.mimeType ?? sample.mimeType;
  const fileName = input.media?.filename ?? sample.filename;
  parts.webMedia.set(`${instance.name}/${id}`, { kind: input.kind, mimeType, fileName, data });
  const bytes = createHash('sha256').update(data).digest();
  const captioned = input.kind === 'image' || input.kind === 'video' || input.kind === 'document';
  const content = {
    url: `https://mmg.whatsapp.net/v/t62.7118-24/${id}?ccb=11-4`,
    mimetype: mimeType,
    fileSha256: Object.fromEntries(bytes.entries()),
    fileLength: { low: data.length, high: 0, unsigned: true },
    directPath: `/v/t62.7118-24/${id}?ccb=11-4`,
    ...(captioned && input.text !== undefined ? { caption: input.text } : {}),
    ...(input.kind === 'document' ? { fileName, title: fileName } : {}),
    ...(input.kind === 'audio' ? { ptt: input.voice, seconds: 1 } : {}),
    ...input.content,
  };
  const base64 = instance.webhook?.base64 ? { base64: data.toString('base64') } : {};
  return { [`${input.kind}Message`]: content, ...base64 };
}
