import { editionRoute } from '../../../edge/edition.ts';
import { loginBody, session } from '../schemas/users.ts';
import { sessionView } from '../views.ts';

export const authRoutes = [
  editionRoute({
    method: 'POST',
    path: '/auth/login',
    tag: 'Authentication',
    summary: 'Login',
    auth: 'none',
    body: loginBody,
    responses: { 200: session },
    handle: async ({ body, deps, call, client }) =>
      sessionView(await deps.clients.identity.login({ body: { edition: 'crm', ...body, ...client } }, call)),
  }),
];
