import { z } from 'zod';
import type { Edition } from '../../edge/edition.ts';
import { apiKeyRoutes } from './api-keys/routes.ts';
import { auditRoutes } from './audit/routes.ts';
import { authRoutes } from './auth/routes.ts';
import { boardRoutes } from './boards/routes.ts';
import { campaignRoutes } from './campaigns/routes.ts';
import { cannedAnswerRoutes } from './canned-answers/routes.ts';
import { chatMoveRoutes } from './chats/move-routes.ts';
import { chatRoutes } from './chats/routes.ts';
import { clientExportRoutes } from './clients/export-routes.ts';
import { clientImportRoutes } from './clients/import-routes.ts';
import { clientRoutes } from './clients/routes.ts';
import { timelineRoutes } from './clients/timeline-routes.ts';
import { snakeCase } from './common/snake-case.ts';
import { customFieldRoutes } from './custom-fields/routes.ts';
import { draftRoutes } from './drafts/routes.ts';
import { fileRoutes } from './files/routes.ts';
import { macroRoutes } from './macros/routes.ts';
import { messageRoutes } from './messages/routes.ts';
import { notificationRoutes } from './notifications/routes.ts';
import { numberRoutes } from './numbers/routes.ts';
import { roleRoutes } from './roles/routes.ts';
import { ruleRoutes } from './rules/routes.ts';
import { scheduledMessageRoutes } from './scheduled-messages/routes.ts';
import { surveyRoutes } from './surveys/routes.ts';
import { taskRoutes } from './tasks/routes.ts';
import { templateRoutes } from './templates/routes.ts';
import { texts } from './texts.ts';
import { userRoutes } from './users/routes.ts';
import { webhookEndpointRoutes } from './webhook-endpoints/routes.ts';
import { linkWebhook, webhook, webhookRoutes } from './webhooks/routes.ts';

/** The contact centre: campaigns, agents, chats, reports. */
export const crm: Edition = {
  name: 'crm',
  prefix: '/v1',
  title: 'CRM WhatsApp',
  version: '1.0.0',
  description: [
    'Contact center: chats, agentes, números y mensajes.',
    'Los ids son opacos: textos UUIDv7, aunque los ejemplos del documento muestren enteros. Los ids de rol son `admin`, `supervisor` y `agent`, o el UUID de un rol propio; donde se elige un rol también se aceptan 1, 2 y 3, en ese orden.',
    'Las horas son ISO 8601 en UTC; los teléfonos, E.164 con `+`.',
  ].join('\n\n'),
  texts,
  fieldName: snakeCase,
  errorBody: ({ code, message, details, challengeToken }) => ({
    error: {
      code: codeName(code),
      message,
      ...(details ? { details } : {}),
      ...(challengeToken ? { challenge_token: challengeToken } : {}),
    },
  }),
  errorSchema: z
    .object({
      error: z.object({
        code: z.string(),
        message: z.string(),
        details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
        challenge_token: z.string().optional().describe('Con `TWO_FACTOR_REQUIRED`: para `POST /auth/2fa/verify`'),
      }),
    })
    .meta({ id: 'Error' }),
  routes: [
    ...authRoutes,
    ...userRoutes,
    ...roleRoutes,
    ...apiKeyRoutes,
    ...campaignRoutes,
    ...ruleRoutes,
    ...macroRoutes,
    ...numberRoutes,
    ...templateRoutes,
    ...chatRoutes,
    ...chatMoveRoutes,
    ...cannedAnswerRoutes,
    ...draftRoutes,
    ...scheduledMessageRoutes,
    ...clientRoutes,
    ...timelineRoutes,
    ...customFieldRoutes,
    ...messageRoutes,
    ...clientExportRoutes,
    ...clientImportRoutes,
    ...taskRoutes,
    ...surveyRoutes,
    ...boardRoutes,
    ...fileRoutes,
    ...notificationRoutes,
    ...auditRoutes,
    ...webhookEndpointRoutes,
    ...webhookRoutes,
  ],
  webhooks: [webhook, linkWebhook],
};

/** The document shows `VALIDATION_ERROR`; the rest are our codes in capitals. */
function codeName(code: string): string {
  return code === 'validation_failed' ? 'VALIDATION_ERROR' : code.toUpperCase();
}
