import type { SandboxParts } from '../parts.ts';
import type { Instance } from './instances.ts';
import { type Body, isBody } from './validate.ts';

const placeOf = ({ name }: Instance): string => `evolution/${name}`;

/** The server keeps a message. */
export function keepMessage(parts: SandboxParts, instance: Instance, message: Body): void {
  const { remoteJid, id } = message.key as { remoteJid: string; id: string };
  parts.history.keep(placeOf(instance), { chat: remoteJid, id, at: Number(message.messageTimestamp), message });
}

/** `POST /chat/findMessages`: of the whole instance or of one chat, the newest first. */
export function findMessages(parts: SandboxParts, instance: Instance, body: Body): Body {
  const where = isBody(body.where) ? body.where : {};
  const key = isBody(where.key) ? where.key : {};
  const all = parts.history
    .list(placeOf(instance))
    .filter(({ chat, id }) => (key.remoteJid === undefined || key.remoteJid === chat) && (key.id ?? id) === id);
  const size = Number(body.offset) || 50;
  const page = Number(body.page) || 1;
  const records = all.slice(size * (page - 1), size * page).map(({ message }) => ({ ...message, MessageUpdate: [] }));
  return { messages: { total: all.length, pages: Math.ceil(all.length / size), currentPage: page, records } };
}
