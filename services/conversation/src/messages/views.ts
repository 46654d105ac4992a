import type { Message } from '@recado/contracts';
import { detailsOf, withAboutId, withFile, withReactions } from './details.ts';
import type { ListedMessage, NewMessage, StoredMessage } from './store.ts';

const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

/**
 * A stored message as the contract shows it. A later tick of ours implies the earlier ones:
 * `delivered` may never come. A received message is only read.
 */
export function messageView(m: StoredMessage & Partial<ListedMessage>): Message {
  const implied = m.direction === 'outbound' ? m.readAt : null;
  return {
    id: m.id,
    conversationId: m.conversationId,
    channelId: m.channelId,
    direction: m.direction,
    type: m.type,
    content: m.content,
    metadata: m.metadata,
    details: withReactions(withAboutId(withFile(detailsOf(m), m.file), m.aboutId ?? null), m.reactions ?? []),
    status: m.status,
    providerMessageId: m.providerMessageId,
    author: m.author,
    userId: m.userId,
    aiModel: m.aiModel,
    error: m.status === 'failed' ? { code: m.errorCode ?? 'unknown', message: m.errorMessage ?? '' } : null,
    sentTime: m.sentTime.toISOString(),
    sentAt: iso(m.sentAt ?? m.deliveredAt ?? implied),
    deliveredAt: iso(m.deliveredAt ?? implied),
    readAt: iso(m.readAt),
    createdAt: m.createdAt.toISOString(),
  };
}

/** A message that is just being stored. */
export function newMessageView(m: NewMessage): Message {
  return {
    id: m.id,
    conversationId: m.conversationId,
    channelId: m.channelId,
    direction: m.direction,
    type: m.type,
    content: m.content,
    metadata: m.metadata,
    details: detailsOf(m),
    status: m.status,
    providerMessageId: m.providerMessageId,
    author: m.author,
    userId: m.userId,
    aiModel: m.aiModel,
    error: null,
    sentTime: m.sentTime,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    createdAt: m.createdAt.toISOString(),
  };
}
