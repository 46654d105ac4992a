import { z } from 'zod';
import type { Edition } from '../../edge/edition.ts';
import { spanish } from '../../languages/es.ts';
import { authRoutes } from './routes/auth.ts';
import { contactRoutes } from './routes/contacts.ts';
import { groupRoutes } from './routes/groups.ts';
import { healthRoutes } from './routes/health.ts';
import { notificationRoutes } from './routes/notifications.ts';

/** Broadcasts to groups. Its document's backend is FastAPI: errors come in `detail`. */
export const scheduler: Edition = {
  name: 'scheduler',
  prefix: '/scheduler',
  title: 'WhatsApp Scheduler',
  version: '1.0.0',
  description:
    'Envíos programados a grupos. Los ids son UUIDv7 opacos; las horas, ISO 8601 en UTC; los teléfonos, E.164.',
  language: spanish,
  fieldName: (internal) => internal.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  errorBody: ({ code, message, details, challengeToken }) => ({
    detail: details ?? message,
    ...(challengeToken ? { code: code.toUpperCase(), challenge_token: challengeToken } : {}),
  }),
  errorSchema: z
    .object({
      detail: z.union([z.string(), z.array(z.object({ field: z.string(), message: z.string() }))]),
      code: z.literal('TWO_FACTOR_REQUIRED').optional().describe('Con él, repetir el login con `code`'),
      challenge_token: z.string().optional(),
    })
    .meta({ id: 'Error' }),
  routes: [...authRoutes, ...groupRoutes, ...contactRoutes, ...notificationRoutes, ...healthRoutes],
};
