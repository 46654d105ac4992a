import {
  buildEvent,
  conversationCreated,
  conversationUpdated,
  type EventData,
  messageCreated,
  messageUpdated,
  tenantCreated,
  uuidv7,
} from '@recado/contracts';

type MessageData = EventData<typeof messageCreated>;
type ConversationData = EventData<typeof conversationCreated>['conversation'];

/** Events as the other services publish them, for one tenant. */
export function eventsOf(tenantId: string) {
  const conversationId = uuidv7();
  const message = (
    direction: 'inbound' | 'outbound',
    at: string,
    author: MessageData['message']['author'],
  ): MessageData => ({
    message: {
      id: uuidv7(),
      conversationId,
      channelId: uuidv7(),
      direction,
      type: 'text',
      content: 'hola',
      metadata: null,
      status: direction === 'inbound' ? 'delivered' : 'pending',
      providerMessageId: null,
      author,
      userId: null,
      aiModel: null,
      error: null,
      sentTime: at,
      sentAt: null,
      deliveredAt: null,
      readAt: null,
      createdAt: at,
    },
    conversation: { id: conversationId, channelId: uuidv7(), status: 'new', assignedUserId: null, isNew: false },
    contact: { id: uuidv7(), name: null, phone: null },
  });
  const conversation = (id: string, status: ConversationData['status'], at: string): ConversationData => ({
    id,
    channelId: uuidv7(),
    contact: { id: uuidv7(), name: null, phone: null, email: null, avatarUrl: null, createdAt: at },
    status,
    archived: false,
    priority: 'normal',
    assignedUserId: null,
    campaignId: null,
    unreadCount: 0,
    messageCount: 0,
    lastMessage: null,
    lastMessageAt: null,
    lastInboundAt: null,
    assignedAt: null,
    firstResponseAt: null,
    closedAt: null,
    createdAt: at,
    updatedAt: at,
  });
  return {
    tenant: (timezone: string) =>
      buildEvent(tenantCreated, {
        tenantId,
        data: { tenantId, slug: 's', name: 'n', plan: 'pro', status: 'active', timezone, language: 'es' },
      }),
    received: (at: string) => buildEvent(messageCreated, { tenantId, data: message('inbound', at, 'contact') }),
    ai: (at: string) => buildEvent(messageCreated, { tenantId, data: message('outbound', at, 'ai') }),
    moved: (previousStatus: 'pending' | 'sent' | 'failed', status: 'sent' | 'failed' | 'delivered', at: string) =>
      buildEvent(messageUpdated, {
        tenantId,
        data: {
          messageId: uuidv7(),
          conversationId,
          channelId: uuidv7(),
          providerMessageId: null,
          status,
          previousStatus,
          direction: 'outbound',
          author: 'user',
          at,
          error: null,
        },
      }),
    opened: (id: string, at: string) =>
      buildEvent(conversationCreated, {
        tenantId,
        time: new Date(at),
        data: { conversation: conversation(id, 'new', at) },
      }),
    closed: (id: string, at: string) =>
      buildEvent(conversationUpdated, {
        tenantId,
        time: new Date(at),
        data: { conversation: conversation(id, 'closed', at), changed: ['status'] },
      }),
  };
}
