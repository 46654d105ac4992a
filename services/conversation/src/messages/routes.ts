import { conversationApi } from '@recado/contracts';
import { requirePermission, serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { joinedView } from '../conversations/views.ts';
import type { Deps } from '../deps.ts';
import { getMessage } from './history.ts';
import { sendKeyOf } from './keys.ts';
import { getThread, listMessages } from './list.ts';
import { markRead } from './mark-read.ts';
import { retryFailed, retryMessage } from './retry.ts';
import { sendMessage, sendToPhone } from './send.ts';
import { listUndelivered } from './undelivered.ts';
import { messageView } from './views.ts';

export function messageRoutes(app: FastifyInstance, deps: Deps): void {
  const { db } = deps;

  serve(app, conversationApi.sendMessage, async ({ caller, context, origin, params, body, request }) => {
    requirePermission(caller, 'messages.create');
    const key = sendKeyOf(request.headers, 'conversation', params.conversationId, body.text);
    return sendMessage(deps, { caller, context, origin, key }, params.conversationId, body.text);
  });

  serve(app, conversationApi.sendToPhone, async ({ caller, context, origin, params, body, request }) => {
    requirePermission(caller, 'messages.create');
    const key = sendKeyOf(request.headers, 'channel', params.channelId, body.to, body.text);
    return sendToPhone(deps, { caller, context, origin, key }, params.channelId, body.to, body.text);
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

  serve(app, conversationApi.getMessage, async ({ caller, params }) => {
    requirePermission(caller, 'messages.read');
    return getMessage(db, caller.tenantId, params.messageId, caller.permissions.includes('audit.read'));
  });

  serve(app, conversationApi.listUndelivered, async ({ caller, query }) =>
    listUndelivered(db, caller.tenantId, query, deps.now()),
  );

  serve(app, conversationApi.markRead, async ({ caller, context, body }) => {
    requirePermission(caller, 'chats.update');
    return markRead(deps, { caller, context }, body.messageIds);
  });

  serve(app, conversationApi.retryMessage, async ({ caller, context, origin, params }) => {
    requirePermission(caller, 'messages.create');
    return retryMessage(deps, { caller, context, origin }, params.messageId);
  });

  serve(app, conversationApi.retryFailedMessages, async ({ caller, context, origin }) => {
    requirePermission(caller, 'whatsapp.numbers.manage');
    return retryFailed(deps, { caller, context, origin });
  });
}
