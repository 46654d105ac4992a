import { conversationApi, type OutboundContent } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { joinedView } from '../conversations/views.ts';
import type { Deps } from '../deps.ts';
import { sendKeyOf } from './keys.ts';
import { countMessages } from './reading/count.ts';
import { getMessage } from './reading/history.ts';
import { getThread, listMessages } from './reading/list.ts';
import { markRead } from './reading/mark-read.ts';
import { showTyping } from './reading/show-typing.ts';
import { retryFailed, retryMessage } from './sending/retry.ts';
import { sendToPhone } from './sending/send.ts';
import { sendBulk } from './sending/send-bulk.ts';
import { sendFromDesk } from './sending/send-from-desk.ts';
import { listUndelivered } from './undelivered.ts';
import { messageView } from './views.ts';

export function messageRoutes(app: FastifyInstance, deps: Deps): void {
  const { db } = deps;

  serve(app, conversationApi.sendMessage, async ({ caller, context, origin, params, body, request }) => {
    const key = sendKeyOf(request.headers, 'conversation', params.conversationId, askedOf(body));
    const { conversationId } = params;
    return sendFromDesk(deps, { caller, context, origin, key }, conversationId, { ...body, content: givenIn(body) });
  });

  serve(app, conversationApi.sendToPhone, async ({ caller, context, origin, params, body, request }) => {
    const key = sendKeyOf(request.headers, 'channel', params.channelId, body.to, askedOf(body));
    return sendToPhone(deps, { caller, context, origin, key }, params.channelId, body.to, contentIn(body));
  });

  serve(app, conversationApi.sendBulk, async ({ caller, context, origin, params, body }) => {
    const { to, delayMs } = body;
    return sendBulk(deps, { caller, context, origin }, { ...params, to, content: contentIn(body), delayMs });
  });

  serve(app, conversationApi.listMessages, async ({ caller, params, query }) => {
    const page = await listMessages(db, caller.tenantId, params.conversationId, query);
    return { ...page, items: page.items.map(messageView) };
  });

  serve(app, conversationApi.countMessages, async ({ caller, params }) => ({
    items: await countMessages(db, caller.tenantId, params.conversationId),
  }));

  serve(app, conversationApi.getThread, async ({ caller, params, query }) => {
    const { conversation, messages } = await getThread(db, caller.tenantId, params.conversationId, query.limit);
    return { conversation: joinedView(conversation), messages: messages.map(messageView) };
  });

  serve(app, conversationApi.getMessage, async ({ caller, params }) => {
    return getMessage(db, caller.tenantId, params.messageId, caller.permissions.includes('audit.read'));
  });

  serve(app, conversationApi.listUndelivered, async ({ caller, query }) =>
    listUndelivered(db, caller.tenantId, query, deps.now()),
  );

  serve(app, conversationApi.markRead, async ({ caller, context, body }) => {
    return markRead(deps, { caller, context }, body);
  });

  serve(app, conversationApi.showTyping, async ({ caller, context, params }) => {
    return { shown: await showTyping(deps, { caller, context }, params.conversationId) };
  });

  serve(app, conversationApi.retryMessage, async ({ caller, context, origin, params }) => {
    return retryMessage(deps, { caller, context, origin }, params.messageId);
  });

  serve(app, conversationApi.retryFailedMessages, async ({ caller, context, origin }) => {
    return retryFailed(deps, { caller, context, origin });
  });
}

/** One of both, as the contract says. */
type Asked = { text?: string | undefined; content?: OutboundContent | undefined };
const contentIn = ({ text, content }: Asked): OutboundContent => content ?? { kind: 'text', body: text! };
/** Undefined: a canned answer says it. */
const givenIn = (body: Asked) => (body.text === undefined && body.content === undefined ? undefined : contentIn(body));
const askedOf = ({ text, content, canned }: Asked & { canned?: unknown }): string =>
  text ?? JSON.stringify(content ?? canned);
