import { CONVERSATION_STATUSES } from '@recado/contracts';
import { chatsByCursor } from '../../../edge/cursors.ts';
import { editionRoute } from '../../../edge/edition.ts';
import { walkedEnvelope } from '../common/schemas.ts';
import { requireInstance } from '../instances/require-instance.ts';
import { instanceParams } from '../instances/schemas.ts';
import { SUCCESS } from '../texts.ts';
import { conversation, conversationsQuery } from './schemas.ts';
import { conversationView } from './views.ts';

const OPEN = CONVERSATION_STATUSES.filter((status) => status !== 'closed');

export const conversationRoutes = [
  editionRoute({
    method: 'GET',
    path: '/whatsapp/instances/:instanceId/conversations',
    tag: 'WhatsApp',
    summary: 'Listar conversaciones de una instancia',
    description: `La última activa primero. \`total\` cuenta hasta 10.000. ${chatsByCursor('es')}`,
    auth: 'bearer',
    permission: 'chats.read',
    entity: 'instance',
    params: instanceParams,
    query: conversationsQuery,
    responses: { 200: walkedEnvelope(conversation) },
    handle: async ({ params, query, deps, call }) => {
      const { instanceId: channelId } = params;
      const { status, limit, page, cursor } = query;
      const [, { items, total, totalIsCapped, nextCursor }] = await Promise.all([
        requireInstance(deps, call, channelId),
        deps.clients.conversation.listConversations(
          { query: { channelId, limit, page, cursor, count: 'true', ...statusFilter(status) } },
          call,
        ),
      ]);
      return {
        message: SUCCESS.conversations,
        data: items.map(conversationView),
        total: total ?? items.length,
        ...(totalIsCapped && { totalIsCapped }),
        nextCursor: nextCursor ?? null,
      };
    },
  }),
];

function statusFilter(status: 'active' | 'archived' | 'closed' | undefined) {
  switch (status) {
    case 'active':
      return { statuses: OPEN, archived: 'false' };
    case 'closed':
      return { statuses: ['closed' as const], archived: 'false' };
    case 'archived':
      return { archived: 'true' };
    default:
      return {};
  }
}
