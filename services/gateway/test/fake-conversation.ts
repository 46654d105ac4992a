import { conversationApi, uuidv7 } from '@recado/contracts';
import { AppError, NotFound, serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { FakeServices } from './fake-state.ts';
import { conversation, inbound, message, NOW } from './samples.ts';

/** Of conversation: what tests of the editions look at. */
export function serveConversation(app: FastifyInstance, it: FakeServices): void {
  const known = (id: string) => {
    if (id !== conversation.id) throw new NotFound('conversation', id);
  };
  serve(app, conversationApi.getUsage, async () => ({
    messages: 5420,
    openConversations: 127,
    ...(it.isCapped && { openConversationsIsCapped: true as const }),
    period: { start: '2026-01-01T05:00:00.000Z', end: '2026-02-01T05:00:00.000Z' },
  }));
  serve(app, conversationApi.getMessage, async ({ params }) => {
    if (params.messageId !== message.id) throw new NotFound('message', params.messageId);
    const at = new Date(Date.parse(NOW) + 500).toISOString();
    const details = { pricing: { billable: true, category: 'service' } };
    const status = {
      status: 'delivered' as const,
      source: 'webhook' as const,
      at,
      recordedAt: at,
      error: null,
      details,
    };
    return { message, statuses: [status], retryOf: null, retriedBy: null };
  });
  serve(app, conversationApi.retryFailedMessages, async () => ({ retried: 3, skipped: 1 }));
  serve(app, conversationApi.sendToPhone, async () => {
    await it.beforeSend();
    return { message: { ...message, id: uuidv7() }, conversation };
  });
  serve(app, conversationApi.sendMessage, async ({ params, body }) => {
    known(params.conversationId);
    const { content } = body;
    if (content?.kind === 'text' && content.body === 'tarde')
      throw new AppError('outside_window', 'The window is closed');
    return { message, conversation };
  });
  serve(app, conversationApi.getConversation, async ({ params }) => {
    known(params.conversationId);
    return conversation;
  });
  serve(app, conversationApi.listConversations, async ({ query }) => ({
    items: Array.from({ length: Math.min(query.limit, 20) }, () => conversation),
    total: 45,
    ...(it.isCapped && { totalIsCapped: true as const }),
    nextCursor: null,
  }));
  serve(app, conversationApi.listConversationsByIds, async ({ query }) => ({
    items: query.ids.includes(conversation.id) ? [conversation] : [],
  }));
  serve(app, conversationApi.listMessages, async ({ params }) => {
    known(params.conversationId);
    return {
      items: [message, inbound],
      total: 2,
      nextCursor: null,
      hasMore: false,
    };
  });
}
