import { editionRoute } from '../../../edge/edition.ts';
import { done, found, success } from '../common/schemas.ts';
import { SUCCESS } from '../texts.ts';
import {
  changePasswordBody,
  confirmBody,
  loginBody,
  me,
  registerBody,
  registered,
  renewed,
  session,
} from './schemas.ts';
import { meView, registeredView, sessionView } from './views.ts';

export const authRoutes = [
  editionRoute({
    method: 'POST',
    path: '/api/auth/register',
    tag: 'Autenticación',
    summary: 'Registro de empresa y usuario admin',
    auth: 'none',
    device: true,
    fields: {
      tenantName: 'company.name',
      tenantSlug: 'company.name',
      tenantEmail: 'company.email',
      plan: 'company.plan',
      email: 'admin.email',
      password: 'admin.password',
      firstName: 'admin.firstName',
      lastName: 'admin.lastName',
    },
    body: registerBody,
    responses: { 201: success(registered) },
    handle: async ({ body: { company, admin, invitation }, deps, call, client }) => {
      const made = await deps.clients.identity.register(
        {
          body: {
            edition: 'bots',
            tenantName: company.name,
            tenantEmail: company.email,
            plan: company.plan,
            ...admin,
            invitation,
            ...client,
          },
        },
        call,
      );
      return {
        success: true as const,
        message: SUCCESS.registered,
        data: registeredView(made, company.email),
      };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/auth/confirm-email',
    tag: 'Autenticación',
    summary: 'Confirmar el correo de un registro',
    description:
      'Con el `token` del enlace, o con el `code` del correo y la sesión iniciada. Hasta entonces la organización solo puede leer.',
    auth: 'optional',
    unproved: true,
    person: true,
    idempotent: false,
    userLimit: { name: 'confirm-email', perMinute: 20 },
    body: confirmBody,
    responses: { 200: done },
    handle: async ({ body, deps, call }) => {
      await deps.clients.identity.proveEmail({ body }, call);
      return { success: true as const, message: SUCCESS.emailConfirmed };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/auth/confirm-email/resend',
    tag: 'Autenticación',
    summary: 'Enviar otra vez el correo de confirmación',
    description: 'Un correo por minuto y cinco al día; el código anterior deja de valer.',
    auth: 'bearer',
    person: true,
    unproved: true,
    idempotent: false,
    userLimit: { name: 'confirm-email', perMinute: 20 },
    responses: { 200: done },
    handle: async ({ deps, call }) => {
      await deps.clients.identity.resendProof({}, call);
      return { success: true as const, message: SUCCESS.confirmationSent };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/auth/login',
    tag: 'Autenticación',
    summary: 'Login de usuario',
    description: 'Con el segundo factor activado y sin `code`: 401 con `challengeToken`. Se repite con `code`.',
    auth: 'none',
    device: true,
    body: loginBody,
    responses: { 200: success(session) },
    handle: async ({ body, deps, call, client }) => {
      const made = await deps.clients.identity.login({ body: { edition: 'bots', ...body, ...client } }, call);
      return { success: true as const, message: SUCCESS.loggedIn, data: sessionView(made) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/api/auth/me',
    tag: 'Autenticación',
    summary: 'Datos del usuario autenticado actual',
    auth: 'bearer',
    person: true,
    responses: { 200: found(me) },
    handle: async ({ deps, call }) => {
      const { user, tenant } = await deps.clients.identity.getMe({}, call);
      return { success: true as const, data: meView(user, tenant) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/auth/refresh',
    tag: 'Autenticación',
    summary: 'Generar un nuevo token usando el actual',
    description: 'El actual vale hasta que expira; cerrar la sesión termina con los dos.',
    auth: 'bearer',
    unproved: true,
    person: true,
    cache: 'none',
    idempotent: false,
    responses: { 200: success(renewed) },
    handle: async ({ deps, call, client }) => {
      const { accessToken } = await deps.clients.identity.renew({ body: { edition: 'bots', ...client } }, call);
      return { success: true as const, message: SUCCESS.refreshed, data: { token: accessToken } };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/auth/change-password',
    tag: 'Autenticación',
    summary: 'Cambiar contraseña',
    description: 'Cierra todas las sesiones del usuario, también esta.',
    auth: 'bearer',
    unproved: true,
    person: true,
    idempotent: false,
    fields: { password: 'newPassword' },
    body: changePasswordBody,
    responses: { 200: done },
    handle: async ({ body, deps, call }) => {
      await deps.clients.identity.changePassword({ body }, call);
      return { success: true as const, message: SUCCESS.passwordChanged };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/auth/logout',
    tag: 'Autenticación',
    summary: 'Cerrar la sesión',
    description: 'El token deja de valer enseguida, en todas las ediciones.',
    auth: 'bearer',
    unproved: true,
    person: true,
    idempotent: false,
    responses: { 200: done },
    handle: async ({ deps, call }) => {
      await deps.clients.identity.logout({}, call);
      return { success: true as const, message: SUCCESS.loggedOut };
    },
  }),
];
