import type { SandboxParts } from '../parts.ts';
import type { Session } from './sessions.ts';

type Body = Record<string, unknown>;

const placeOf = ({ name }: Session): string => `wppconnect/${name}`;

/** The phone shows a message. */
export function keepMessage(parts: SandboxParts, session: Session, message: Body): void {
  const { chatId, id, t } = message as { chatId: string; id: string; t: number };
  parts.history.keep(placeOf(session), { chat: chatId, id, at: t, message });
}

/** `POST list-chats`: the chats with the latest messages first, as a bare list. */
export function listChats(parts: SandboxParts, session: Session, { count }: Body): Body[] {
  const chats = new Map<string, number>();
  for (const { chat, at } of parts.history.list(placeOf(session))) chats.set(chat, Math.max(at, chats.get(chat) ?? 0));
  const all = [...chats].map(([id, t]) => {
    const [user, server] = id.split('@');
    return { id: { server, user, _serialized: id }, t, unreadCount: 0, isGroup: server === 'g.us', archive: false };
  });
  return typeof count === 'number' ? all.slice(0, count) : all;
}

/** `GET get-messages/:phone`: the last ones of a chat, or those before another one. */
export function getMessages(
  parts: SandboxParts,
  session: Session,
  chat: string,
  { count = '20', direction = 'before', id }: { count?: string; direction?: string; id?: string },
): Body[] | null {
  const all = parts.history.list(placeOf(session)).filter((one) => one.chat === chat);
  if (all.length === 0) return null;
  const at = id === undefined ? -1 : all.findIndex((one) => one.id === id);
  if (id !== undefined && at < 0) return null;
  const found = direction === 'after' ? all.slice(0, Math.max(0, at)) : all.slice(at + 1);
  return found
    .slice(0, Number(count))
    .reverse()
    .map(({ message }) => message);
}
