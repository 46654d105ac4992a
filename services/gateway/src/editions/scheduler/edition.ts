import { z } from 'zod';
import type { Edition } from '../../edge/edition.ts';
import { spanish } from '../../languages/es.ts';
import { authRoutes } from './routes/auth.ts';

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
  errorBody: ({ message, details }) => ({ detail: details ?? message }),
  errorSchema: z
    .object({
      detail: z.union([z.string(), z.array(z.object({ field: z.string(), message: z.string() }))]),
    })
    .meta({ id: 'Error' }),
  routes: authRoutes,
};
