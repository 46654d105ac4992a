import { z } from 'zod';
import type { EdgeError, Edition } from '../../edge/edition.ts';
import { spanish } from '../../languages/es.ts';
import { authRoutes } from './auth/routes.ts';
import { systemRoutes } from './system/routes.ts';
import { VERSION } from './system/views.ts';

/** Companies and their bots. */
export const bots: Edition = {
  name: 'bots',
  prefix: '/bots',
  title: 'WhatsApp Bot Platform',
  version: VERSION,
  description: 'Empresas y sus bots. Los ids son UUIDv7 opacos; las horas, ISO 8601 en UTC; los teléfonos, E.164.',
  language: spanish,
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
  routes: [...authRoutes, ...systemRoutes],
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

const LIMITS: Record<string, string> = {
  maxUsers: 'usuarios',
  maxChannels: 'instancias',
  maxMessages: 'mensajes',
  maxConversations: 'conversaciones',
};

/** The document names the limit that was reached, and how long a wait is. */
function messageOf({ code, entity, message, retryAfter }: EdgeError): string {
  const limit = code === 'plan_limit' && entity ? LIMITS[entity] : undefined;
  if (limit) return `Has alcanzado el límite de ${limit} para tu plan actual`;
  if (code === 'too_many_requests' && retryAfter) {
    return `Demasiadas solicitudes. Intenta de nuevo en ${waitOf(retryAfter)}`;
  }
  return message;
}

function waitOf(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 60) return seconds === 1 ? '1 segundo' : `${seconds} segundos`;
  return minutes === 1 ? '1 minuto' : `${minutes} minutos`;
}
