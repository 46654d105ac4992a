import { uuid } from '@recado/contracts';
import { z } from 'zod';
import { editionRoute, type WebhookRoute } from '../../../edge/edition.ts';
import { HUB_SIGNATURE, URL_SECRET } from '../../../webhooks/answers.ts';

const params = z.strictObject({ number_id: uuid() });
const query = z.object({
  'hub.mode': z.string().max(64),
  'hub.verify_token': z.string().max(256),
  'hub.challenge': z.string().max(256),
});

/** Taken as raw bytes by webhooks/mount.ts. */
export const webhook: WebhookRoute = {
  provider: 'meta',
  proof: HUB_SIGNATURE,
  path: '/webhooks/whatsapp/meta/:number_id',
  summary: 'Webhook de WhatsApp: mensajes y estados, firmados con X-Hub-Signature-256',
  channelParam: 'number_id',
};

/** Events of a linked session. Recado registers the URL when it starts the session. */
export const linkWebhook: WebhookRoute = {
  provider: 'wppconnect',
  proof: URL_SECRET,
  path: '/webhooks/whatsapp/wppconnect/:number_id',
  summary: 'Webhook de WPPConnect: conexión, mensajes y códigos QR; el secreto está en la URL',
  channelParam: 'number_id',
};

export const webhookRoutes = [
  editionRoute({
    method: 'GET',
    path: '/webhooks/whatsapp/meta/:number_id',
    tag: 'Webhooks',
    summary: 'Verificación del webhook de WhatsApp',
    description: 'Devuelve `hub.challenge` tal cual.',
    auth: 'none',
    entity: 'channel',
    params,
    query,
    responses: { 200: z.string() },
    contentType: 'text/plain; charset=utf-8',
    handle: async ({ params, query, deps, call }) => {
      await deps.clients.connector.verifyWebhook(
        {
          params: { provider: webhook.provider },
          query: { channelId: params.number_id, mode: query['hub.mode'], verifyToken: query['hub.verify_token'] },
        },
        call,
      );
      return query['hub.challenge'];
    },
  }),
];
