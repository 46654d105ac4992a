import { z } from 'zod';
import type { EdgeError, Edition } from '../../edge/edition.ts';
import { authRoutes } from './auth/routes.ts';
import { contactRoutes } from './contacts/routes.ts';
import { conversationRoutes } from './conversations/routes.ts';
import { instanceWebhookRoutes } from './instance-webhooks/routes.ts';
import { instanceRoutes } from './instances/routes.ts';
import { systemRoutes } from './system/routes.ts';
import { VERSION } from './system/views.ts';
import { planLimitText, retryText, texts } from './texts.ts';

/** Companies and their bots. */
export const bots: Edition = {
  name: 'bots',
  prefix: '/bots',
  title: 'WhatsApp Bot Platform',
  version: VERSION,
  description: 'Empresas y sus bots. Los ids son UUIDv7 opacos; las horas, ISO 8601 en UTC; los teléfonos, E.164.',
  texts,
  // Its ValidationError is a 400.
  statuses: { 422: 400 },
  errorBody: (error) => ({
    success: false,
    error: {
      type: errorType(error),
      message: messageOf(error),
      ...(error.details ? { details: error.details } : {}),
      ...(error.challengeToken ? { code: 'TWO_FACTOR_REQUIRED', challengeToken: error.challengeToken } : {}),
    },
  }),
  errorSchema: z
    .object({
      success: z.literal(false),
      error: z.object({
        type: z.string(),
        message: z.string(),
        details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
        code: z.literal('TWO_FACTOR_REQUIRED').optional().describe('Con él, repetir el login con `code`'),
        challengeToken: z.string().optional(),
      }),
    })
    .meta({ id: 'Error' }),
  routes: [
    ...authRoutes,
    ...instanceRoutes,
    ...instanceWebhookRoutes,
    ...contactRoutes,
    ...conversationRoutes,
    ...systemRoutes,
  ],
};

const TYPES: Record<number, string> = {
  400: 'ValidationError',
  401: 'AuthenticationError',
  403: 'AuthorizationError',
  404: 'NotFoundError',
  405: 'MethodNotAllowedError',
  409: 'ConflictError',
  413: 'PayloadTooLargeError',
  415: 'UnsupportedMediaTypeError',
  429: 'RateLimitError',
  502: 'ExternalServiceError',
  503: 'ServiceUnavailableError',
};

function errorType({ status, code }: EdgeError): string {
  if (code === 'plan_limit') return 'PlanLimitError';
  return TYPES[status] ?? 'InternalServerError';
}

/** The document names the limit that was reached, and how long a wait is. */
function messageOf({ code, entity, message, retryAfter }: EdgeError): string {
  if (code === 'plan_limit') return planLimitText(entity) ?? message;
  return code === 'too_many_requests' && retryAfter ? retryText(retryAfter) : message;
}
