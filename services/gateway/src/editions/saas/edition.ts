import { z } from 'zod';
import type { Edition } from '../../edge/edition.ts';
import { aiRoutes } from './ai/routes.ts';
import { analyticsRoutes } from './analytics/routes.ts';
import { authRoutes } from './auth/routes.ts';
import { conversationRoutes } from './conversations/routes.ts';
import { healthRoutes } from './health/routes.ts';
import { instanceRoutes } from './instances/routes.ts';
import { limitRoutes } from './limits/routes.ts';
import { messageRoutes } from './messages/routes.ts';
import { queueRoutes } from './queue/routes.ts';
import { templateRoutes } from './templates/routes.ts';
import { tenantRoutes } from './tenant/routes.ts';
import { texts } from './texts.ts';
import { webhookEndpointRoutes } from './webhook-endpoints/routes.ts';
import { webhooks } from './webhooks/routes.ts';

/** The tenant console: instances, AI, analytics. */
export const saas: Edition = {
  name: 'saas',
  prefix: '/api/v1',
  title: 'WhatsApp SaaS API',
  version: '1.0.0',
  description:
    'Consola del tenant: instancias, IA y analítica. Los ids son UUIDv7 opacos; las horas, ISO 8601 en UTC; los teléfonos, solo dígitos.',
  texts,
  // Its table of codes has no 422.
  statuses: { 422: 400 },
  errorBody: ({ status, code, message, details, challengeToken }) => ({
    statusCode: status,
    message,
    ...(details ? { errors: details } : {}),
    ...(challengeToken ? { code: code.toUpperCase(), challengeToken } : {}),
  }),
  errorSchema: z
    .object({
      statusCode: z.number().int(),
      message: z.string(),
      errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
      code: z.literal('TWO_FACTOR_REQUIRED').optional().describe('Con él, repetir el login con `code`'),
      challengeToken: z.string().optional(),
    })
    .meta({ id: 'Error' }),
  routes: [
    ...healthRoutes,
    ...authRoutes,
    ...tenantRoutes,
    ...instanceRoutes,
    ...templateRoutes,
    ...conversationRoutes,
    ...messageRoutes,
    ...queueRoutes,
    ...webhookEndpointRoutes,
    ...limitRoutes,
    ...aiRoutes,
    ...analyticsRoutes,
  ],
  webhooks,
};
