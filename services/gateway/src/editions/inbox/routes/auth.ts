import { editionRoute } from '../../../edge/edition.ts';
import { loginBody, session } from '../schemas.ts';
import { sessionView } from '../views.ts';

export const authRoutes = [
  editionRoute({
    method: 'POST',
    path: '/auth/login',
    tag: 'Autenticação',
    summary: 'Login de usuário',
    auth: 'none',
    body: loginBody,
    responses: { 200: session },
    handle: async ({ body, deps, call, client }) =>
      sessionView(await deps.clients.identity.login({ body: { edition: 'inbox', ...body, ...client } }, call)),
  }),
];
