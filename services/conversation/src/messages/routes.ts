import { conversationApi } from '@recado/contracts';
import { requirePermission, serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { joinedView } from '../conversations/views.ts';
import type { Deps } from '../deps.ts';
import { getThread, listMessages } from './list.ts';
import { sendMessage, sendToPhone } from './send.ts';
import { messageView } from './views.ts';

export function messageRoutes(app: FastifyInstance, deps: Deps): void {
  const { db, metrics } = deps;

  serve(app, conversationApi.sendMessage, async ({ caller, context, params, body }) => {
    requirePermission(caller, 'messages.create');
    const sent = await sendMessage(deps, { ...context, caller }, params.conversationId, body.text);
    metrics.stored.inc({ direction: 'outbound', author: sent.message.author });
    return sent;
  });

  serve(app, conversationApi.sendToPhone, async ({ caller, context, params, body }) => {
    requirePermission(caller, 'messages.create');
    const sent = await sendToPhone(deps, { ...context, caller }, params.channelId, body.to, body.text);
    metrics.stored.inc({ direction: 'outbound', author: sent.message.author });
    return sent;
  });

  serve(app, conversationApi.listMessages, async ({ caller, params, query }) => {
    requirePermission(caller, 'messages.read');
    const page = await listMessages(db, caller.tenantId, params.conversationId, query);
    return { ...page, items: page.items.map(messageView) };
  });

  serve(app, conversationApi.getThread, async ({ caller, params, query }) => {
    requirePermission(caller, 'messages.read');
    const { conversation, messages } = await getThread(db, caller.tenantId, params.conversationId, query.limit);
    return { conversation: joinedView(conversation), messages: messages.map(messageView) };
  });
}
