import { Unauthorized } from '@recado/service-kit';
import { editionRoute } from '../../../edge/edition.ts';
import { envelope } from '../common/schemas.ts';
import { SUCCESS } from '../texts.ts';
import { requestUsage } from './schemas.ts';

export const limitRoutes = [
  editionRoute({
    method: 'GET',
    path: '/whatsapp/rate-limit/usage',
    tag: 'WhatsApp',
    summary: 'Uso actual de rate limits',
    description: 'Las cuatro ventanas del plan, que todas las solicitudes del tenant comparten. Esta también cuenta.',
    auth: 'bearer',
    permission: 'tenant.read',
    responses: { 200: envelope(requestUsage) },
    handle: async ({ deps, principal }) => {
      if (!principal) throw new Unauthorized();
      return { message: SUCCESS.limits, data: await deps.limits.usage(principal) };
    },
  }),
];
