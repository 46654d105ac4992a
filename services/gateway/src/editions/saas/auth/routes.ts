import { editionRoute } from '../../../edge/edition.ts';
import { done, envelope } from '../common/schemas.ts';
import { SUCCESS } from '../texts.ts';
import { changePasswordBody, confirmBody, loginBody, profile, refreshBody, registerBody, tokens } from './schemas.ts';
import { profileView, tokensView } from './views.ts';

export const authRoutes = [
  editionRoute({
    method: 'POST',
    path: '/auth/register',
    tag: 'Auth',
    summary: 'Crear nueva cuenta y organización',
    auth: 'none',
    device: true,
    fields: { tenantName: 'organizationName', tenantSlug: 'organizationName' },
    body: registerBody,
    responses: { 201: envelope(tokens) },
    handle: async ({ body, deps, call, client }) => {
      const { organizationName: tenantName, ...rest } = body;
      const session = await deps.clients.identity.register(
        { body: { edition: 'saas', tenantName, ...rest, ...client } },
        call,
      );
      return { message: SUCCESS.registered, data: tokensView(session) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/confirm-email',
    tag: 'Auth',
    summary: 'Confirmar el correo de un registro',
    description:
      'Con el `token` del enlace, o con el `code` del correo y la sesión iniciada. Hasta entonces la organización solo puede leer.',
    auth: 'optional',
    unproved: true,
    person: true,
    userLimit: { name: 'confirm-email', perMinute: 20 },
    body: confirmBody,
    responses: { 200: done },
    handle: async ({ body, deps, call }) => {
      await deps.clients.identity.proveEmail({ body }, call);
      return { message: SUCCESS.emailConfirmed };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/confirm-email/resend',
    tag: 'Auth',
    summary: 'Enviar otra vez el correo de confirmación',
    description: 'Un correo por minuto y cinco al día; el código anterior deja de valer.',
    auth: 'bearer',
    person: true,
    unproved: true,
    userLimit: { name: 'confirm-email', perMinute: 20 },
    responses: { 200: done },
    handle: async ({ deps, call }) => {
      await deps.clients.identity.resendProof({}, call);
      return { message: SUCCESS.confirmationSent };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/login',
    tag: 'Auth',
    summary: 'Iniciar sesión',
    description: 'Con el segundo factor activado y sin `code`: 401 con `challengeToken`. Se repite con `code`.',
    auth: 'none',
    device: true,
    body: loginBody,
    responses: { 200: envelope(tokens) },
    handle: async ({ body, deps, call, client }) => {
      const session = await deps.clients.identity.login({ body: { edition: 'saas', ...body, ...client } }, call);
      return { message: SUCCESS.loggedIn, data: tokensView(session) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/refresh',
    tag: 'Auth',
    summary: 'Renovar access token',
    description: 'Rota el refresh token: el anterior deja de valer, y volver a usarlo cierra la sesión.',
    auth: 'none',
    body: refreshBody,
    responses: { 200: envelope(tokens) },
    handle: async ({ body, deps, call, client }) => {
      const session = await deps.clients.identity.refresh({ body: { edition: 'saas', ...body, ...client } }, call);
      return { message: SUCCESS.refreshed, data: tokensView(session) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/auth/me',
    tag: 'Auth',
    summary: 'Perfil del usuario actual',
    auth: 'bearer',
    person: true,
    responses: { 200: envelope(profile) },
    handle: async ({ deps, call }) => {
      const { user, tenant } = await deps.clients.identity.getMe({}, call);
      return { message: SUCCESS.profile, data: profileView(user, tenant) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/logout',
    tag: 'Auth',
    summary: 'Cerrar sesión',
    description: 'El token y su refresh token dejan de valer enseguida, en todas las ediciones.',
    auth: 'bearer',
    unproved: true,
    person: true,
    responses: { 200: done },
    handle: async ({ deps, call }) => {
      await deps.clients.identity.logout({}, call);
      return { message: SUCCESS.loggedOut };
    },
  }),
  editionRoute({
    method: 'PUT',
    path: '/auth/change-password',
    tag: 'Auth',
    summary: 'Cambiar contraseña',
    description: 'Cierra todas las sesiones del usuario, también esta.',
    auth: 'bearer',
    unproved: true,
    person: true,
    body: changePasswordBody,
    responses: { 200: done },
    handle: async ({ body, deps, call }) => {
      await deps.clients.identity.changePassword({ body }, call);
      return { message: SUCCESS.passwordChanged };
    },
  }),
];
