import { z } from 'zod';
import { edition, email, role, uuid } from '../../primitives.ts';
import { route } from '../../route.ts';
import { client, code, ok } from './common.ts';
import { tenant } from './tenants.ts';
import { user } from './users.ts';

export const session = z
  .object({
    accessToken: z.string(),
    /** Null for editions without one (bots refreshes by bearer). */
    refreshToken: z.string().nullable(),
    expiresIn: z.number().int().describe('Seconds the access token lives'),
    user,
    tenant,
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof session>;

/**
 * Claims of an access token (EdDSA, `kid` from the JWKS). `aud` is the edition it was issued by.
 */
export const accessClaims = z.object({
  iss: z.literal('recado'),
  aud: edition(),
  sub: uuid().describe('user'),
  tid: uuid().describe('tenant'),
  sid: uuid().describe('session'),
  role: role(),
  perms: z.array(z.string()),
  unproved: z.literal(true).optional().describe('The e-mail was not proved when the token was signed'),
  iat: z.number(),
  exp: z.number(),
});
export type AccessClaims = z.infer<typeof accessClaims>;

export const sessionRoutes = {
  login: route({
    method: 'POST',
    path: '/sessions',
    access: 'anyone',
    once: { none: 'answers tokens' },
    body: z.strictObject({
      edition: edition(),
      email: email(),
      password: z.string().min(1).max(256),
      code: code.optional().describe('The second factor, for editions that send it along'),
      ...client,
    }),
    responses: { 200: session },
    audit: 'session.create',
    summary:
      'Log in; unknown user and wrong password answer alike: 401 invalid_credentials. With 2FA and no code: 401 two_factor_required with a challengeToken. Too many failures: 429',
  }),
  completeLogin: route({
    method: 'POST',
    path: '/sessions/two-factor',
    access: 'anyone',
    once: { none: 'answers tokens' },
    body: z.strictObject({ edition: edition(), challengeToken: z.string().min(1).max(512), code, ...client }),
    responses: { 200: session },
    audit: 'session.create',
    summary:
      'The second step of a log-in; a dead challenge or a wrong code: 401; the fifth wrong code: 429 until 15 minutes have passed',
  }),
  refresh: route({
    method: 'POST',
    path: '/sessions/refresh',
    access: 'anyone',
    once: { none: 'answers tokens' },
    body: z.strictObject({ edition: edition(), refreshToken: z.string().min(1).max(512), ...client }),
    responses: { 200: session },
    audit: { none: 'a session going on changes nothing; a replay is audited as session.revoke' },
    // The grace period is longer than a client's tries.
    idempotent: true,
    summary:
      'Rotate a refresh token. Within the grace period a used one gives the same successor; a replay revokes the whole family: 401 refresh_reused',
  }),
  renew: route({
    method: 'POST',
    path: '/sessions/renew',
    access: 'anyone',
    unproved: true,
    once: { none: 'answers tokens' },
    body: z.strictObject({ edition: edition(), ...client }),
    responses: { 200: session },
    audit: { none: 'a session going on changes nothing' },
    summary:
      "A new access token for the caller's live session, by bearer (bots, scheduler); the old one lives on until it expires",
  }),
  logout: route({
    method: 'DELETE',
    path: '/sessions/current',
    access: 'anyone',
    unproved: true,
    responses: ok,
    audit: 'session.revoke',
    summary: "Revoke the caller's session (the token's sid) and its refresh family",
  }),
  checkLive: route({
    method: 'GET',
    path: '/sessions/live',
    access: 'anyone',
    responses: ok,
    summary: "Whether the caller's session or API key is alive, by the tables themselves: 401 when it is over",
  }),
};
