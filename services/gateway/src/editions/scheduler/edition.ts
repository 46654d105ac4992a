import { z } from 'zod';
import type { Edition } from '../../edge/edition.ts';
import { authRoutes } from './auth/routes.ts';
import { contactImportRoutes } from './contacts/import-routes.ts';
import { contactRoutes } from './contacts/routes.ts';
import { groupRoutes } from './groups/routes.ts';
import { healthRoutes } from './health/routes.ts';
import { notificationRoutes } from './notifications/routes.ts';
import { texts } from './texts.ts';

/** Broadcasts to groups. Its document's backend is FastAPI: errors come in `detail`. */
export const scheduler: Edition = {
  name: 'scheduler',
  prefix: '/scheduler',
  title: 'WhatsApp Scheduler',
  version: '1.0.0',
  description:
    'Envíos programados a grupos. Los ids son UUIDv7 opacos; las horas, ISO 8601 en UTC; los teléfonos, E.164.',
  texts,
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
  routes: [
    ...authRoutes,
    ...groupRoutes,
    ...contactRoutes,
    ...contactImportRoutes,
    ...notificationRoutes,
    ...healthRoutes,
  ],
};
