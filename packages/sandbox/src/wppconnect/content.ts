import { createHash } from 'node:crypto';

type Body = Record<string, unknown>;

export interface Content {
  type: string;
  text: string | null;
  body: Body;
  quotedId: string | null;
}

interface SendRoute {
  status: number;
  /** Null where the library throws: 500. */
  read(body: Body): Content | null;
  /** `send-buttons` answers the numbers instead of the messages. */
  answersPhones?: true;
  /** Asks for a file first, with 401. */
  needsFile?: true;
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const optionsOf = (body: Body): Body =>
  typeof body.options === 'object' && body.options ? (body.options as Body) : {};

/** What a message tells of a data URL's bytes. */
function bytesOf(file: string): Body {
  const [, mimetype, base64] = /^data:([^;,]+)[^,]*,(.*)$/s.exec(file) ?? [];
  return base64 === undefined
    ? {}
    : { mimetype, filehash: createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64') };
}

const sendFile: SendRoute = {
  status: 201,
  needsFile: true,
  read: ({ base64, path, filename = 'file', caption, message, quotedMessageId }) => {
    const file = text(base64) ?? text(path);
    const words = text(message) ?? text(caption);
    if (!file) return null;
    return {
      type: kindOfFile(file),
      text: words,
      body: { filename, caption: words, size: file.length, ...bytesOf(file) },
      quotedId: text(quotedMessageId),
    };
  },
};
const sendVoice: SendRoute = {
  status: 201,
  read: ({ base64Ptt, path, quotedMessageId }) =>
    text(base64Ptt) || text(path)
      ? {
          type: 'ptt',
          text: null,
          body: { size: String(base64Ptt ?? path).length, ...bytesOf(String(base64Ptt ?? path)) },
          quotedId: text(quotedMessageId),
        }
      : null,
};

/** Route → what it sends. */
export const sendRoutes: Record<string, SendRoute> = {
  'send-message': {
    status: 201,
    read: (body) =>
      text(body.message)
        ? {
            type: 'chat',
            text: text(body.message),
            body: { message: body.message },
            quotedId: text(optionsOf(body).quotedMsg),
          }
        : null,
  },
  'send-reply': {
    status: 201,
    read: ({ message, messageId }) =>
      text(message) ? { type: 'chat', text: text(message), body: { message }, quotedId: text(messageId) } : null,
  },
  'send-image': sendFile,
  'send-file': sendFile,
  'send-file-base64': sendFile,
  'send-voice': sendVoice,
  'send-voice-base64': sendVoice,
  'send-location': {
    status: 201,
    read: ({ lat, lng, title, address }) =>
      lat === undefined || lng === undefined
        ? null
        : { type: 'location', text: text(title), body: { lat, lng, title, address }, quotedId: null },
  },
  'contact-vcard': {
    status: 200,
    read: ({ contactsId, name }) =>
      contactsId ? { type: 'vcard', text: text(name), body: { contactsId, name }, quotedId: null } : null,
  },
  'send-buttons': {
    status: 201,
    answersPhones: true,
    read: (body) =>
      text(body.message)
        ? {
            type: 'chat',
            text: text(body.message),
            body: { message: body.message, options: body.options },
            quotedId: null,
          }
        : null,
  },
  'send-list-message': {
    status: 201,
    read: ({ description = '', sections, buttonText }) =>
      Array.isArray(sections)
        ? { type: 'list', text: text(description), body: { description, sections, buttonText }, quotedId: null }
        : null,
  },
};

function kindOfFile(file: string): string {
  const mime = /^data:([a-z]+)\//.exec(file)?.[1];
  return mime === 'image' || mime === 'video' || mime === 'audio' ? mime : 'document';
}
