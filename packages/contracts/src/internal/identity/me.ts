import { z } from 'zod';
import { password, text } from '../../primitives.ts';
import { route } from '../../route.ts';
import { code, ok } from './common.ts';
import { tenant } from './tenants.ts';
import { user } from './users.ts';

export const meRoutes = {
  changePassword: route({
    method: 'PUT',
    path: '/me/password',
    access: 'anyone',
    unproved: true,
    body: z.strictObject({ currentPassword: z.string().min(1).max(256), newPassword: password() }),
    responses: ok,
    audit: 'user.change_password',
    live: true,
    summary: "Change the caller's password and end all their sessions; a wrong current one: 422 on currentPassword",
  }),
  enableTwoFactor: route({
    method: 'POST',
    path: '/me/two-factor',
    access: 'anyone',
    unproved: true,
    once: { none: 'answers a secret; a second call takes the place of the first' },
    responses: {
      200: z.object({
        secret: z.string().describe('Base32'),
        otpauthUrl: z.string(),
        qrCode: z.string().describe('PNG as a data URL'),
        backupCodes: z.array(z.string()),
      }),
    },
    audit: 'two_factor.begin',
    live: true,
    summary:
      'Begin: a secret and backup codes, shown once; nothing is asked at log-ins until a code was verified. Already on: 409 two_factor',
  }),
  verifyTwoFactor: route({
    method: 'POST',
    path: '/me/two-factor/verify',
    access: 'anyone',
    unproved: true,
    once: { none: 'takes a code that works once' },
    body: z.strictObject({ code }),
    responses: ok,
    audit: 'two_factor.enable',
    live: true,
    summary: 'Finish enabling with a code of the authenticator; wrong: 422 on code',
  }),
  disableTwoFactor: route({
    method: 'POST',
    path: '/me/two-factor/disable',
    access: 'anyone',
    unproved: true,
    once: { none: 'takes a code that works once' },
    body: z.strictObject({ password: z.string().min(1).max(256), code }),
    responses: ok,
    audit: 'two_factor.disable',
    live: true,
    summary: 'Switch it off; takes the password and a code',
  }),
  getMe: route({
    method: 'GET',
    path: '/me',
    access: 'anyone',
    responses: { 200: z.object({ user, tenant }) },
    summary: 'The caller and their tenant',
  }),
  updateMe: route({
    method: 'PATCH',
    path: '/me',
    access: 'anyone',
    body: z.strictObject({
      firstName: text(80).optional(),
      lastName: z.string().trim().max(80).optional(),
      phone: z.string().max(32).nullable().optional(),
      avatarUrl: z.url().max(2048).nullable().optional(),
    }),
    responses: { 200: user },
    audit: 'user.update',
    live: true,
    summary: "Change one's own profile",
  }),
};
