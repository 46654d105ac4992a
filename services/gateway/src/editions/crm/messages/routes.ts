import { editionRoute } from '../../../edge/edition.ts';
import { sendMessageBody, sentMessage } from './schemas.ts';
import { sentMessageView } from './views.ts';

export const messageRoutes = [
  editionRoute({
    method: 'POST',
    path: '/messages',
    tag: 'Messages',
    summary: 'Enviar mensaje',
    description:
      'Responde cuando el mensaje está guardado y en cola; su estado sigue por eventos. Esta versión envía `text`.',
    auth: 'bearer',
    permission: 'messages.create',
    fields: { text: 'content' },
    body: sendMessageBody,
    responses: { 201: sentMessage },
    handle: async ({ body, deps, call }) => {
      const { message } = await deps.clients.conversation.sendMessage(
        { params: { conversationId: body.chat_id }, body: { type: 'text', text: body.content } },
        call,
      );
      return sentMessageView(message);
    },
  }),
];
