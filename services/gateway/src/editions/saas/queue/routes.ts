import { editionRoute } from '../../../edge/edition.ts';
import { envelope } from '../common/schemas.ts';
import { SUCCESS } from '../texts.ts';
import { queueStats, retried } from './schemas.ts';

export const queueRoutes = [
  editionRoute({
    method: 'GET',
    path: '/whatsapp/queue/stats',
    tag: 'WhatsApp',
    summary: 'Estadísticas de la cola de mensajes',
    auth: 'bearer',
    permission: 'whatsapp.numbers.read',
    responses: { 200: envelope(queueStats) },
    handle: async ({ deps, call }) => {
      const { resting, ...queue } = await deps.clients.connector.getQueue({}, call);
      const total = queue.waiting + queue.active + queue.delayed;
      const instances = resting.map(({ channelId: instanceId, ...rest }) => ({ instanceId, ...rest }));
      return { message: SUCCESS.queueStats, data: { ...queue, total, resting: instances } };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp/queue/retry-failed',
    tag: 'WhatsApp',
    summary: 'Reintentar mensajes fallidos',
    description:
      'Reenvía, como mensajes nuevos y una sola vez, los que fallaron en las últimas 24 horas: hasta 100 por llamada, los últimos primero. Nunca uno que quizá llegó.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    responses: { 200: envelope(retried) },
    handle: async ({ deps, call }) => ({
      message: SUCCESS.failedRetried,
      data: await deps.clients.conversation.retryFailedMessages({}, call),
    }),
  }),
];
