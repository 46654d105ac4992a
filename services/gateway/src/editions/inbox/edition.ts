import { z } from 'zod';
import type { Edition } from '../../edge/edition.ts';
import { authRoutes } from './auth/routes.ts';
import { conversationRoutes } from './conversations/routes.ts';
import { messageRoutes } from './messages/routes.ts';
import { sendRoutes } from './messages/send-routes.ts';
import { notificationRoutes } from './notifications/routes.ts';
import { templateRoutes } from './templates/routes.ts';
import { texts } from './texts.ts';
import { webhook, webhookRoutes } from './webhooks/routes.ts';

/** The shared inbox. Its document shows no error body: this one is ours. */
export const inbox: Edition = {
  name: 'inbox',
  prefix: '/inbox',
  title: 'CRM WhatsApp SaaS',
  version: '2.0.0',
  description:
    'Caixa de entrada compartilhada. Os ids são UUIDv7 opacos; os horários, ISO 8601 em UTC; os telefones, só dígitos.',
  texts,
  // "Todos os endpoints (exceto /auth/* e /webhooks/*)".
  tenantSlugBelow: '/api',
  // Its table of codes has no 422: validation is 400.
  statuses: { 422: 400 },
  errorBody: ({ status, code, message, details, challengeToken }) => ({
    statusCode: status,
    error: code.toUpperCase(),
    message,
    ...(details ? { errors: details } : {}),
    ...(challengeToken ? { challengeToken } : {}),
  }),
  errorSchema: z
    .object({
      statusCode: z.number().int(),
      error: z.string(),
      message: z.string(),
      errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
      challengeToken: z.string().optional().describe('Com `TWO_FACTOR_REQUIRED`: repetir o login com `code`'),
    })
    .meta({ id: 'Error' }),
  routes: [
    ...authRoutes,
    ...conversationRoutes,
    ...messageRoutes,
    ...sendRoutes,
    ...notificationRoutes,
    ...templateRoutes,
    ...webhookRoutes,
  ],
  webhooks: [webhook],
};
