import { createHash } from 'node:crypto';
import type { SessionMessageInput } from '../control/session-schemas.ts';
import { sampleFile } from '../meta/samples.ts';
import type { SandboxParts } from '../parts.ts';
import { webMessageId } from '../whatsapp-web/ids.ts';
import type { Told } from '../whatsapp-web/session-handle.ts';
import { emitEvent } from './events.ts';
import { keepMessage } from './history.ts';
import type { Session } from './sessions.ts';

type Body = Record<string, unknown>;

/** Where and by whom a message was written. */
interface Origin {
  chat: string;
  author: string;
  serialized: string;
}

/** A customer writes, or the phone's owner does. Tells it as WPPConnect would. */
export function tellMessage(parts: SandboxParts, session: Session, input: SessionMessageInput): Told {
  const bare = input.id ?? webMessageId(parts.ids);
  const origin = originOf(parts, session, input, bare);
  const { serialized: id, chat, author } = origin;
  if (input.lid !== undefined && input.lidShape !== 'alone') parts.lids.set(`${input.lid}@lid`, input.from);
  if (!input.fromMe) {
    const row = { id, phoneNumberId: session.name, from: input.from, type: input.kind, text: input.text ?? null };
    parts.ledger.append('inbound', { provider: 'wppconnect', ...row });
  }
  const tell = (event: string, data: Body): Told => ({ id, deliveries: [emitEvent(parts, session, event, data, id)] });
  const target = { fromMe: input.replyToOurs, remote: chat, id: input.replyTo ?? '', _serialized: input.replyTo ?? '' };
  const self = { fromMe: input.fromMe, remote: chat, id: bare, _serialized: id };
  const over = input.content ?? {};
  const now = input.timestamp ?? Math.floor(Date.now() / 1000);
  switch (input.kind) {
    case 'edit':
      // WPPConnect's server does not listen for edits: nothing is told.
      return { id, deliveries: [] };
    case 'reaction': {
      const reaction = { reactionText: input.text ?? '', read: false, orphan: 0, timestamp: now };
      return tell('onreactionmessage', { id: self, msgId: target, ...reaction, ...over });
    }
    case 'revoke':
      return tell('onrevokedmessage', { author, from: chat, to: session.wid, id: self, refId: target, ...over });
    case 'poll_vote': {
      const selectedOptions = [{ name: input.text ?? 'Yes', localId: 0 }];
      return tell('onpollresponse', {
        msgId: target,
        chatId: chat,
        selectedOptions,
        timestamp: now * 1000,
        sender: author,
        ...over,
      });
    }
    case 'call': {
      const call = { id: bare, peerJid: author, offerTime: now, isVideo: false, isGroup: input.group !== undefined };
      return tell('incomingcall', { ...call, canHandleLocally: false, webClientShouldHandle: false, ...over });
    }
    default: {
      const message = { ...baseOf(session, input, origin, now), ...contentOf(parts, session, input, id), ...over };
      keepMessage(parts, session, message);
      if (input.unheard) return { id, deliveries: [] };
      if (!input.fromMe) return tell('onmessage', message);
      return parts.behaviour().web.selfMessages ? tell('onselfmessage', message) : { id, deliveries: [] };
    }
  }
}

/** In a group the id ends in the author; a hidden address stands where the phone would. */
function originOf(parts: SandboxParts, session: Session, input: SessionMessageInput, id: string): Origin {
  const { group, from: phone, lid, name } = input;
  const place = { provider: 'wppconnect', number: session.name };
  if (group && !input.fromMe) parts.groups.hear(place, group, { phone, lid, name });
  const shown = input.lid !== undefined && input.lidShape !== 'swapped' ? `${input.lid}@lid` : `${input.from}@c.us`;
  const author = input.fromMe ? (session.wid ?? shown) : shown;
  const chat = input.group ? `${input.group.id}@g.us` : shown;
  return { chat, author, serialized: `${input.fromMe}_${chat}_${id}${input.group ? `_${author}` : ''}` };
}

function baseOf(session: Session, input: SessionMessageInput, { chat, author, serialized }: Origin, t: number): Body {
  const quoted =
    input.replyTo === undefined ? {} : { quotedMsgId: input.replyTo, quotedMsg: { type: 'chat', body: '…' } };
  return {
    id: serialized,
    viewed: false,
    body: input.text ?? '',
    type: 'chat',
    t,
    notifyName: input.name ?? '',
    from: input.fromMe ? session.wid : chat,
    to: input.fromMe ? chat : session.wid,
    ...(input.group ? { author } : {}),
    self: input.fromMe ? 'out' : 'in',
    ack: 1,
    isNewMsg: true,
    recvFresh: true,
    isForwarded: false,
    hasReaction: false,
    mentionedJidList: [],
    chatId: chat,
    fromMe: input.fromMe,
    sender: {
      id: author,
      pushname: input.name ?? '',
      formattedName: input.name ?? '',
      isMe: input.fromMe,
      isMyContact: false,
      isUser: true,
    },
    timestamp: t,
    content: input.text ?? '',
    isGroupMsg: input.group !== undefined,
    isMedia: false,
    mediaData: {},
    ...quoted,
  };
}

function contentOf(parts: SandboxParts, session: Session, input: SessionMessageInput, id: string): Body {
  const text = input.text ?? '';
  switch (input.kind) {
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return mediaOf(parts, session, input, id);
    case 'location':
      return { type: 'location', lat: -23.5505, lng: -46.6333, loc: text, body: '' };
    case 'contacts':
      return { type: 'vcard', vcardFormattedName: text || 'Ana Souza', body: VCARD, content: VCARD };
    case 'button_reply':
      return { type: 'buttons_response', selectedButtonId: input.replyId ?? text };
    case 'list_reply': {
      const singleSelectReply = { selectedRowId: input.replyId ?? text };
      return { type: 'list_response', listResponse: { title: text, description: '', singleSelectReply } };
    }
    default:
      return {};
  }
}

const VCARD =
  'BEGIN:VCARD\nVERSION:3.0\nN:;Ana Souza;;;\nFN:Ana Souza\nitem1.TEL;waid=5511988887777:+55 11 98888-7777\nEND:VCARD';

/** The file's bytes stand in `body`, where the text of other messages is. */
function mediaOf(parts: SandboxParts, session: Session, input: SessionMessageInput, id: string): Body {
  const sample = sampleFile(input.kind);
  const data = input.media?.base64 === undefined ? sample.data : Buffer.from(input.media.base64, 'base64');
  const mimeType = input.media?.mimeType ?? sample.mimeType;
  const fileName = input.media?.filename ?? sample.filename;
  parts.webMedia.set(`${session.name}/${id}`, { kind: input.kind, mimeType, fileName, data });
  return {
    type: input.kind === 'audio' && input.voice ? 'ptt' : input.kind,
    body: data.toString('base64'),
    mimetype: mimeType,
    caption: input.text,
    content: undefined,
    ...(input.kind === 'document' ? { filename: fileName } : {}),
    filehash: createHash('sha256').update(data).digest('base64'),
    size: data.length,
    isMedia: input.kind !== 'document',
    isMMS: true,
  };
}
