import { editionRoute } from '../../../edge/edition.ts';
import { loginBody, session, success } from '../schemas.ts';
import { sessionView } from '../views.ts';

export const authRoutes = [
  editionRoute({
    method: 'POST',
    path: '/api/auth/login',
    tag: 'Autenticación',
    summary: 'Login de usuario',
    auth: 'none',
    body: loginBody,
    responses: { 200: success(session) },
    handle: async ({ body, deps, call, client }) => {
      const made = await deps.clients.identity.login({ body: { edition: 'bots', ...body, ...client } }, call);
      return { success: true as const, message: 'Inicio de sesión exitoso', data: sessionView(made) };
    },
  }),
];
