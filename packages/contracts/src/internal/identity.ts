import { z } from 'zod';
import { PLAN_NAMES } from '../plans.ts';
import { edition, email, idList, isoTime, pageQuery, password, role, slug, text, uuid } from '../primitives.ts';
import { defineApi, route } from '../route.ts';

export const tenant = z
  .object({
    id: uuid(),
    slug: slug(),
    name: z.string(),
    plan: z.enum(PLAN_NAMES),
    status: z.enum(['active', 'suspended']),
    timezone: z.string().describe('IANA name; decides days and business hours'),
    language: z.string(),
    settings: z.record(z.string(), z.unknown()),
    limits: z.object({
      maxUsers: z.number().nullable(),
      maxChannels: z.number().nullable(),
      maxMessages: z.number().nullable(),
      maxConversations: z.number().nullable(),
    }),
    createdAt: isoTime(),
  })
  .meta({ id: 'Tenant' });
export type Tenant = z.infer<typeof tenant>;

export const user = z
  .object({
    id: uuid(),
    email: z.string(),
    firstName: z.string(),
    lastName: z.string(),
    role: role(),
    status: z.enum(['active', 'inactive', 'suspended']),
    phone: z.string().nullable(),
    avatarUrl: z.string().nullable(),
    agentStatus: z.enum(['available', 'busy', 'paused', 'offline']),
    maxConcurrentChats: z.number().int(),
    autoAssign: z.boolean(),
    permissions: z.array(z.string()),
    lastLoginAt: isoTime().nullable(),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof user>;

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

/** Claims of an access token (EdDSA, `kid` from the JWKS). `aud` is the edition it was issued by. */
export const accessClaims = z.object({
  iss: z.literal('recado'),
  aud: edition(),
  sub: uuid().describe('user'),
  tid: uuid().describe('tenant'),
  sid: uuid().describe('session'),
  role: role(),
  perms: z.array(z.string()),
  iat: z.number(),
  exp: z.number(),
});
export type AccessClaims = z.infer<typeof accessClaims>;

const client = { ip: z.string().max(64).optional(), userAgent: z.string().max(512).optional() };

export const identityApi = defineApi({
  register: route({
    method: 'POST',
    path: '/registrations',
    body: z.strictObject({
      edition: edition(),
      tenantName: text(120),
      tenantSlug: slug().optional(),
      email: email(),
      password: password(),
      name: text(120).describe('Full name; split at the first space'),
      ...client,
    }),
    responses: { 201: session },
    summary: 'Make a tenant and its first user, an admin; taken e-mail or slug: 409 with entity user or tenant',
  }),
  login: route({
    method: 'POST',
    path: '/sessions',
    body: z.strictObject({ edition: edition(), email: email(), password: z.string().min(1).max(256), ...client }),
    responses: { 200: session },
    summary: 'Log in; unknown user and wrong password answer alike: 401 invalid_credentials',
  }),
  refresh: route({
    method: 'POST',
    path: '/sessions/refresh',
    body: z.strictObject({ edition: edition(), refreshToken: z.string().min(1).max(512), ...client }),
    responses: { 200: session },
    summary: 'Rotate a refresh token; a replay revokes the whole family: 401 refresh_reused',
  }),
  logout: route({
    method: 'DELETE',
    path: '/sessions/current',
    responses: { 204: z.null() },
    summary: "Revoke the caller's session (the token's sid) and its refresh family",
  }),
  getMe: route({
    method: 'GET',
    path: '/me',
    responses: { 200: z.object({ user, tenant }) },
    summary: 'The caller and their tenant',
  }),
  getTenant: route({ method: 'GET', path: '/tenant', responses: { 200: tenant }, summary: "The caller's tenant" }),
  createUser: route({
    method: 'POST',
    path: '/users',
    body: z.strictObject({
      email: email(),
      password: password(),
      firstName: text(80),
      lastName: z.string().trim().max(80).default(''),
      phone: z.string().max(32).nullable().optional(),
      role: role().default('agent'),
      status: z.enum(['active', 'inactive', 'suspended']).default('active'),
      maxConcurrentChats: z.number().int().min(1).max(100).default(5),
      autoAssign: z.boolean().default(true),
    }),
    responses: { 201: user },
    summary: 'Add a user to the tenant (users.create)',
  }),
  listUsers: route({
    method: 'GET',
    path: '/users',
    query: z.strictObject({
      ...pageQuery,
      ids: idList(200).optional().describe('Only these; for hydration'),
      role: role().optional(),
      status: z.enum(['active', 'inactive', 'suspended']).optional(),
      search: z.string().max(120).optional(),
    }),
    responses: { 200: z.object({ items: z.array(user), total: z.number().int() }) },
    summary: "The tenant's users, by page",
  }),
  jwks: route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    responses: { 200: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }) },
    summary: 'Public keys of access tokens',
    auth: 'none',
  }),
});
