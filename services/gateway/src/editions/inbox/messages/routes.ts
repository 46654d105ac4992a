import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { messageParams } from './schemas.ts';

export const messageRoutes = [
  editionRoute({
    method: 'POST',
    path: '/api/messages/:id/read',
    tag: 'Mensagens',
    summary: 'Marcar mensagem como lida',
    description:
      'Com as anteriores da conversa. O cliente vê que foi lida, se o provedor o mostra. Uma mensagem enviada fica como está.',
    auth: 'bearer',
    permission: 'chats.update',
    entity: 'message',
    params: messageParams,
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) => {
      await deps.clients.conversation.markRead({ body: { messageIds: [params.id] } }, call);
      return null;
    },
  }),
];
