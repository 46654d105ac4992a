import type { WebhookRoute } from '../../../edge/edition.ts';
import { URL_SECRET } from '../../../webhooks/answers.ts';

const webhook = (path: string, summary: string): WebhookRoute => ({
  provider: 'evolution',
  proof: URL_SECRET,
  path,
  summary,
  channelParam: 'instanceId',
});

/** Events of a linked instance: all by one path, which Recado registers, or a path for each. */
export const webhooks = [
  webhook('/whatsapp/webhook/:instanceId', 'Webhook de Evolution API: todos los eventos; el secreto está en la URL'),
  webhook('/whatsapp/webhook/:instanceId/:eventType', 'Lo mismo, con un evento por ruta'),
];
