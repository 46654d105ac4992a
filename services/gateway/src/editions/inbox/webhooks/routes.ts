import { z } from 'zod';
import { editionRoute, type WebhookRoute } from '../../../edge/edition.ts';
import { HUB_SIGNATURE } from '../../../webhooks/answers.ts';

const query = z.object({
  'hub.mode': z.string().max(64),
  'hub.verify_token': z.string().max(256),
  'hub.challenge': z.string().max(256),
});

/** Taken as raw bytes by webhooks/mount.ts; the payload names the number. */
export const webhook: WebhookRoute = {
  provider: 'meta',
  proof: HUB_SIGNATURE,
  path: '/webhooks/whatsapp',
  summary: 'Receber eventos do WhatsApp, assinados com X-Hub-Signature-256',
  channelParam: null,
};

export const webhookRoutes = [
  editionRoute({
    method: 'GET',
    path: '/webhooks/whatsapp',
    tag: 'Webhooks',
    summary: 'Verificação do webhook',
    description: 'Retorna o valor de `hub.challenge`.',
    auth: 'none',
    query,
    responses: { 200: z.string() },
    contentType: 'text/plain; charset=utf-8',
    handle: async ({ query, deps, call }) => {
      await deps.clients.connector.verifyWebhook(
        {
          params: { provider: webhook.provider },
          query: { mode: query['hub.mode'], verifyToken: query['hub.verify_token'] },
        },
        call,
      );
      return query['hub.challenge'];
    },
  }),
];
