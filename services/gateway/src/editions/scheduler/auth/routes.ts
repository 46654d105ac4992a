import { editionRoute } from '../../../edge/edition.ts';
import { done } from '../common/schemas.ts';
import { SUCCESS } from '../texts.ts';
import { loginBody, me, session, token } from './schemas.ts';
import { meView, sessionView, tokenView } from './views.ts';

export const authRoutes = [
  editionRoute({
    method: 'POST',
    path: '/api/auth/login',
    tag: 'Autenticación',
    summary: 'Iniciar sesión',
    description: 'Con el segundo factor activado y sin `code`: 401 con `challenge_token`. Se repite con `code`.',
    auth: 'none',
    device: true,
    body: loginBody,
    responses: { 200: session },
    handle: async ({ body, deps, call, client }) =>
      sessionView(await deps.clients.identity.login({ body: { edition: 'scheduler', ...body, ...client } }, call)),
  }),
  editionRoute({
    method: 'POST',
    path: '/api/auth/logout',
    tag: 'Autenticación',
    summary: 'Cerrar sesión',
    description: 'El token deja de valer enseguida, en todas las ediciones.',
    auth: 'bearer',
    unproved: true,
    person: true,
    idempotent: false,
    responses: { 200: done },
    handle: async ({ deps, call }) => {
      await deps.clients.identity.logout({}, call);
      return { message: SUCCESS.loggedOut };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/auth/refresh',
    tag: 'Autenticación',
    summary: 'Renovar el token con el actual',
    description: 'El actual vale hasta que expira; cerrar la sesión termina con los dos.',
    auth: 'bearer',
    unproved: true,
    person: true,
    cache: 'none',
    idempotent: false,
    responses: { 200: token },
    handle: async ({ deps, call, client }) =>
      tokenView(await deps.clients.identity.renew({ body: { edition: 'scheduler', ...client } }, call)),
  }),
  editionRoute({
    method: 'GET',
    path: '/api/auth/me',
    tag: 'Autenticación',
    summary: 'Usuario actual',
    auth: 'bearer',
    person: true,
    cache: 'personal',
    responses: { 200: me },
    handle: async ({ deps, call }) => {
      const { user, tenant } = await deps.clients.identity.getMe({}, call);
      return meView(user, tenant);
    },
  }),
];
