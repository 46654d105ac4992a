import { Unauthorized } from '@recado/service-kit';
import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { SUCCESS } from '../texts.ts';
import {
  changePasswordBody,
  disableTwoFactorBody,
  done,
  loginBody,
  refreshBody,
  session,
  tokens,
  twoFactor,
  verifyTwoFactorBody,
} from './schemas.ts';
import { sessionView, tokensView } from './views.ts';

export const authRoutes = [
  editionRoute({
    method: 'POST',
    path: '/auth/login',
    tag: 'Authentication',
    summary: 'Login',
    description:
      'Con el segundo factor activado: 401 `TWO_FACTOR_REQUIRED` con `challenge_token`; el login termina en `POST /auth/2fa/verify`.',
    auth: 'none',
    device: true,
    body: loginBody,
    responses: { 200: session },
    handle: async ({ body, deps, call, client }) =>
      sessionView(await deps.clients.identity.login({ body: { edition: 'crm', ...body, ...client } }, call)),
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/refresh',
    tag: 'Authentication',
    summary: 'Refresh token',
    description: 'Rota el refresh token: el anterior deja de valer, y volver a usarlo cierra la sesión.',
    auth: 'none',
    fields: { refreshToken: 'refresh_token' },
    body: refreshBody,
    responses: { 200: tokens },
    handle: async ({ body, deps, call, client }) => {
      const input = { edition: 'crm' as const, refreshToken: body.refresh_token, ...client };
      return tokensView(await deps.clients.identity.refresh({ body: input }, call));
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/logout',
    tag: 'Authentication',
    summary: 'Logout',
    description: 'El token y su refresh token dejan de valer enseguida, en todas las ediciones.',
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
    method: 'PUT',
    path: '/auth/change-password',
    tag: 'Authentication',
    summary: 'Cambiar contraseña',
    description: 'Cierra todas las sesiones del usuario, también esta.',
    auth: 'bearer',
    unproved: true,
    person: true,
    fields: { currentPassword: 'current_password', newPassword: 'new_password', password: 'new_password' },
    body: changePasswordBody,
    responses: { 200: done },
    handle: async ({ body, deps, call }) => {
      const { current_password: currentPassword, new_password: newPassword } = body;
      await deps.clients.identity.changePassword({ body: { currentPassword, newPassword } }, call);
      return { message: SUCCESS.passwordChanged };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/2fa/enable',
    tag: 'Authentication',
    summary: 'Activar 2FA',
    description: 'Empieza: hasta que `POST /auth/2fa/verify` acepta un código, el login no pide ninguno.',
    auth: 'bearer',
    unproved: true,
    person: true,
    cache: 'none',
    idempotent: false,
    responses: { 200: twoFactor },
    handle: async ({ deps, call }) => {
      const { secret, qrCode, otpauthUrl, backupCodes } = await deps.clients.identity.enableTwoFactor({}, call);
      return { secret, qr_code: qrCode, otpauth_url: otpauthUrl, backup_codes: backupCodes };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/2fa/verify',
    tag: 'Authentication',
    summary: 'Verificar 2FA',
    description:
      'Con un token y `{code}`: termina de activar. Con `{challenge_token, code}`: termina el login y responde con la sesión.',
    auth: 'optional',
    unproved: true,
    device: true,
    person: true,
    cache: 'none',
    idempotent: false,
    fields: { challengeToken: 'challenge_token' },
    body: verifyTwoFactorBody,
    responses: { 200: z.union([done, session]) },
    handle: async ({ body, deps, call, client, principal }) => {
      const { code, challenge_token: challengeToken } = body;
      if (challengeToken !== undefined) {
        const input = { edition: 'crm' as const, challengeToken, code, ...client };
        return sessionView(await deps.clients.identity.completeLogin({ body: input }, call));
      }
      if (!principal) throw new Unauthorized();
      await deps.clients.identity.verifyTwoFactor({ body: { code } }, call);
      return { message: SUCCESS.twoFactorEnabled };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/2fa/disable',
    tag: 'Authentication',
    summary: 'Desactivar 2FA',
    auth: 'bearer',
    unproved: true,
    person: true,
    idempotent: false,
    body: disableTwoFactorBody,
    responses: { 200: done },
    handle: async ({ body, deps, call }) => {
      await deps.clients.identity.disableTwoFactor({ body }, call);
      return { message: SUCCESS.twoFactorDisabled };
    },
  }),
];
