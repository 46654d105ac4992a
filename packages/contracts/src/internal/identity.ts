import { z } from 'zod';
import { notification } from '../notifications.ts';
import { PERMISSION_NAMES } from '../permissions.ts';
import { PLAN_NAMES } from '../plans.ts';
import {
  edition,
  email,
  factorCode,
  idList,
  invitationCode,
  isoTime,
  pageQuery,
  password,
  proofCode,
  role,
  slug,
  text,
  uuid,
  walked,
  walkQuery,
} from '../primitives.ts';
import { defineApi, route } from '../route.ts';

export const AGENT_STATUSES = ['available', 'busy', 'paused', 'offline'] as const;
export const USER_STATUSES = ['active', 'inactive', 'suspended'] as const;
export const TENANT_STATUSES = ['active', 'suspended'] as const;

/**
 * A set of permissions a tenant made up. Its base role decides what lists show its holders and how
 * editions name them.
 */
export const customRole = z
  .object({
    id: uuid(),
    name: slug().describe('Unique in the tenant'),
    displayName: z.string(),
    baseRole: role(),
    permissions: z.array(z.enum(PERMISSION_NAMES)),
    userCount: z.number().int(),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'CustomRole' });
export type CustomRole = z.infer<typeof customRole>;

export const tenant = z
  .object({
    id: uuid(),
    slug: slug(),
    name: z.string(),
    plan: z.enum(PLAN_NAMES),
    status: z.enum(TENANT_STATUSES),
    timezone: z.string().describe('IANA name; decides days and business hours'),
    country: z
      .string()
      .nullable()
      .default(null)
      .describe('ISO 3166 alpha-2: where phones without a country code are read. Of the time zone unless it was set'),
    language: z.string(),
    settings: z.record(z.string(), z.unknown()),
    limits: z.object({
      maxUsers: z.number().nullable(),
      maxChannels: z.number().nullable(),
      maxMessages: z.number().nullable(),
      maxConversations: z.number().nullable(),
    }),
    unprovedUntil: isoTime()
      .nullable()
      .default(null)
      .describe('Until when the e-mail must be proved, else the company is removed; null: proved'),
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
    customRole: customRole.pick({ id: true, name: true, displayName: true }).nullable(),
    status: z.enum(USER_STATUSES),
    phone: z.string().nullable(),
    avatarUrl: z.string().nullable(),
    agentStatus: z.enum(AGENT_STATUSES),
    agentStatusReason: z.string().nullable(),
    agentStatusAt: isoTime().nullable().describe('Since when'),
    maxConcurrentChats: z.number().int(),
    autoAssign: z.boolean(),
    permissions: z.array(z.string()),
    twoFactor: z.boolean(),
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

/** A key of a machine. The key itself is shown once, when it is made. */
export const apiKey = z
  .object({
    id: uuid(),
    name: z.string(),
    prefix: z.string().describe('The first characters, to tell keys apart'),
    permissions: z.array(z.enum(PERMISSION_NAMES)),
    expiresAt: isoTime().nullable(),
    lastUsedAt: isoTime().nullable(),
    lastUsedIp: z.string().nullable(),
    createdBy: uuid().nullable(),
    createdAt: isoTime(),
    revokedAt: isoTime().nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKey>;

export const agentStatusChange = z
  .object({
    id: uuid(),
    userId: uuid(),
    agentStatus: z.enum(AGENT_STATUSES),
    reason: z.string().nullable(),
    changedBy: uuid().nullable(),
    at: isoTime(),
    /** Seconds it lasted; null for the present one. */
    seconds: z.number().int().nullable(),
  })
  .meta({ id: 'AgentStatusChange' });
export type AgentStatusChange = z.infer<typeof agentStatusChange>;

const userParams = z.strictObject({ userId: uuid() });
const roleIds = {
  role: role(),
  customRoleId: uuid().nullable().describe('Of the same tenant; its base role becomes the role'),
};
const code = factorCode().describe('Six digits of the authenticator, or a backup code');
const ok = { 204: z.null() };

const client = {
  ip: z.string().max(64).optional(),
  userAgent: z.string().max(512).optional(),
  device: z.string().max(64).optional().describe('A random mark that the browser keeps'),
  sharedAddress: z.boolean().optional().describe('Many people may come from the address: a proxy stands between'),
};

export const identityApi = defineApi({
  register: route({
    method: 'POST',
    path: '/registrations',
    once: { none: 'there is no tenant yet; a taken e-mail answers 409' },
    body: z.strictObject({
      edition: edition(),
      tenantName: text(120),
      tenantSlug: slug().optional(),
      tenantEmail: email().optional().describe("The company's own address (bots)"),
      plan: z.enum(PLAN_NAMES).optional().describe("The installation's default else"),
      email: email(),
      password: password(),
      name: text(120).optional().describe('Full name, split at the first space; or firstName and lastName'),
      firstName: text(80).optional(),
      lastName: z.string().trim().max(80).optional(),
      invitation: invitationCode()
        .optional()
        .describe('Code of the operator; needed where registration is by invitation'),
      ...client,
    }),
    responses: { 201: session },
    audit: 'tenant.create',
    live: { none: 'made by who has no account yet' },
    summary:
      'Make a tenant and its first user, an admin; taken e-mail or slug: 409 with entity user or tenant; a wrong invitation: 422; closed: 403 registration_closed',
  }),
  proveEmail: route({
    method: 'POST',
    path: '/registrations/proof',
    once: { none: 'a code or token works once; a repeat changes nothing' },
    unproved: true,
    body: z.strictObject({
      token: z.string().min(1).max(128).optional().describe('Of the link in the mail; needs no session'),
      code: proofCode().optional().describe('Of the mail, by a person of the company, who is logged in'),
    }),
    responses: ok,
    audit: 'tenant.prove',
    live: { none: 'the token or code decides, and gives what its holder may have anyway' },
    summary:
      'Prove the e-mail of a registration by its token or code; wrong: 422; too many wrong codes: 429; another company proved the address first: 409 with entity user',
  }),
  resendProof: route({
    method: 'POST',
    path: '/registrations/proof/mails',
    once: { none: 'limited: one mail a minute' },
    unproved: true,
    responses: ok,
    audit: { none: 'changes nothing but the mail that is sent' },
    summary:
      'Send the mail that proves the e-mail again, with a new code; too often: 429; proved already: nothing is sent',
  }),
  createInvitation: route({
    method: 'POST',
    path: '/invitations',
    callers: ['operator'],
    once: { none: 'answers a secret; every call makes another code' },
    body: z.strictObject({ email: email(), days: z.number().int().min(1).max(90).default(7) }),
    responses: {
      201: z.object({ invitation: z.string().describe('Shown this once'), email: z.string(), expiresAt: isoTime() }),
    },
    audit: { none: 'no tenant exists yet; its audit log begins with tenant.create' },
    summary: 'A code that lets one e-mail register once, for the operator: takes a service caller',
  }),
  login: route({
    method: 'POST',
    path: '/sessions',
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
    unproved: true,
    responses: ok,
    audit: 'session.revoke',
    summary: "Revoke the caller's session (the token's sid) and its refresh family",
  }),
  checkLive: route({
    method: 'GET',
    path: '/sessions/live',
    responses: ok,
    summary: "Whether the caller's session or API key is alive, by the tables themselves: 401 when it is over",
  }),
  changePassword: route({
    method: 'PUT',
    path: '/me/password',
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
    responses: { 200: z.object({ user, tenant }) },
    summary: 'The caller and their tenant',
  }),
  updateMe: route({
    method: 'PATCH',
    path: '/me',
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
  getTenant: route({
    method: 'GET',
    path: '/tenant',
    callers: ['ai-responder', 'channel-connector', 'conversation'],
    responses: { 200: tenant },
    summary: "The caller's tenant",
  }),
  updateTenant: route({
    method: 'PATCH',
    path: '/tenant',
    body: z.strictObject({
      name: text(120).optional(),
      timezone: z.string().max(64).optional().describe('IANA name'),
      country: z
        .string()
        .max(8)
        .toUpperCase()
        .nullable()
        .optional()
        .describe('ISO 3166 alpha-2; null: that of the time zone'),
      language: z.enum(['es', 'pt', 'en']).optional(),
      settings: z
        .record(z.string().max(64), z.unknown())
        .optional()
        .describe('Merged key by key; null removes a key; 16 KiB at most'),
    }),
    responses: { 200: tenant },
    audit: 'tenant.update',
    live: true,
    summary: 'Change the tenant (tenant.update)',
  }),
  listTenants: route({
    method: 'GET',
    path: '/tenants',
    callers: ['operator'],
    query: z.strictObject({ ...pageQuery, search: z.string().max(120).optional() }),
    responses: { 200: z.object({ items: z.array(tenant), total: z.number().int() }) },
    summary: 'Every tenant, for the operator: takes a service caller',
  }),
  setTenantStatus: route({
    method: 'PATCH',
    path: '/tenants/:tenantId',
    callers: ['operator'],
    params: z.strictObject({ tenantId: uuid() }),
    body: z.strictObject({ plan: z.enum(PLAN_NAMES).optional(), status: z.enum(TENANT_STATUSES).optional() }),
    responses: { 200: tenant },
    audit: 'tenant.govern',
    live: { none: 'only the operator, who has no session' },
    summary: 'Plan and suspension, for the operator: takes a service caller. A suspended tenant’s sessions end',
  }),
  createUser: route({
    method: 'POST',
    path: '/users',
    once: true,
    body: z.strictObject({
      email: email(),
      password: password(),
      firstName: text(80),
      lastName: z.string().trim().max(80).default(''),
      phone: z.string().max(32).nullable().optional(),
      role: role().default('agent'),
      customRoleId: roleIds.customRoleId.optional(),
      status: z.enum(USER_STATUSES).default('active'),
      maxConcurrentChats: z.number().int().min(1).max(100).default(5),
      autoAssign: z.boolean().default(true),
    }),
    responses: { 201: user },
    audit: 'user.create',
    live: true,
    summary: 'Add a user to the tenant (users.create)',
  }),
  listUsers: route({
    method: 'GET',
    path: '/users',
    query: z.strictObject({
      ...walkQuery,
      ids: idList(200).optional().describe('Only these, removed ones included; for hydration'),
      role: role().optional(),
      customRoleId: uuid().optional(),
      status: z.enum(USER_STATUSES).optional(),
      agentStatus: z.enum(AGENT_STATUSES).optional(),
      search: z.string().max(120).optional().describe('In name or e-mail'),
    }),
    responses: { 200: walked(user) },
    summary: "The tenant's users, by page",
  }),
  getUser: route({
    method: 'GET',
    path: '/users/:userId',
    params: userParams,
    responses: { 200: user },
    summary: 'One user (users.read)',
  }),
  updateUser: route({
    method: 'PATCH',
    path: '/users/:userId',
    params: userParams,
    body: z.strictObject({
      email: email().optional(),
      password: password().optional().describe('Ends the sessions of the user'),
      firstName: text(80).optional(),
      lastName: z.string().trim().max(80).optional(),
      phone: z.string().max(32).nullable().optional(),
      avatarUrl: z.url().max(2048).nullable().optional(),
      role: role().optional(),
      customRoleId: roleIds.customRoleId.optional(),
      status: z.enum(USER_STATUSES).optional(),
      maxConcurrentChats: z.number().int().min(1).max(100).optional(),
      autoAssign: z.boolean().optional(),
    }),
    responses: { 200: user },
    audit: 'user.update',
    live: true,
    summary:
      'Change a user (users.update). Another role, status or password ends their sessions. The last active admin can be neither demoted nor suspended: 409 last_admin',
  }),
  deleteUser: route({
    method: 'DELETE',
    path: '/users/:userId',
    params: userParams,
    responses: ok,
    audit: 'user.delete',
    live: true,
    summary:
      'Remove a user (users.delete): sessions end, the e-mail is free again, history keeps the name. The last admin: 409 last_admin',
  }),
  setAgentStatus: route({
    method: 'PUT',
    path: '/users/:userId/agent-status',
    params: userParams,
    body: z.strictObject({
      agentStatus: z.enum(AGENT_STATUSES),
      reason: z.string().trim().max(200).nullable().optional(),
    }),
    responses: { 200: user },
    audit: 'user.set_agent_status',
    live: { none: 'presence gives no rights and changes often' },
    summary: "One's own presence, or another's with users.update",
  }),
  listAgentStatusHistory: route({
    method: 'GET',
    path: '/users/:userId/agent-status',
    params: userParams,
    query: z.strictObject({ ...walkQuery, from: isoTime().optional(), to: isoTime().optional() }),
    responses: { 200: walked(agentStatusChange) },
    summary: "A user's presence, latest first: one's own, or another's with users.read",
  }),
  listRoles: route({
    method: 'GET',
    path: '/roles',
    responses: { 200: z.object({ items: z.array(customRole) }) },
    summary: "The tenant's own roles; the three built-in ones are contracts' table",
  }),
  createRole: route({
    method: 'POST',
    path: '/roles',
    once: true,
    body: z.strictObject({
      name: slug(),
      displayName: text(80),
      baseRole: role().default('agent'),
      permissions: z.array(z.enum(PERMISSION_NAMES)).max(200),
    }),
    responses: { 201: customRole },
    audit: 'role.create',
    live: true,
    summary: 'Make a role (roles.manage); taken or built-in name: 409 role; at most 50',
  }),
  updateRole: route({
    method: 'PATCH',
    path: '/roles/:roleId',
    params: z.strictObject({ roleId: uuid() }),
    body: z.strictObject({
      displayName: text(80).optional(),
      permissions: z.array(z.enum(PERMISSION_NAMES)).max(200).optional(),
    }),
    responses: { 200: customRole },
    audit: 'role.update',
    live: true,
    summary: 'Change a role (roles.manage); other permissions end the sessions of its holders',
  }),
  deleteRole: route({
    method: 'DELETE',
    path: '/roles/:roleId',
    params: z.strictObject({ roleId: uuid() }),
    responses: ok,
    audit: 'role.delete',
    live: true,
    summary: 'Remove a role nobody holds (roles.manage); else 409 role',
  }),
  createApiKey: route({
    method: 'POST',
    path: '/api-keys',
    once: true,
    body: z.strictObject({
      name: text(80),
      permissions: z.array(z.enum(PERMISSION_NAMES)).min(1).max(200),
      expiresAt: isoTime().nullable().default(null).describe('In the future, ten years at most'),
    }),
    responses: { 201: z.object({ apiKey, key: z.string().describe('Shown this once') }) },
    audit: 'api_key.create',
    live: true,
    summary: 'Make a key for a machine (api_keys.manage); permissions the caller lacks: 403; at most 100 live ones',
  }),
  listApiKeys: route({
    method: 'GET',
    path: '/api-keys',
    query: z.strictObject({ ...walkQuery, revoked: z.enum(['true', 'false']).optional() }),
    responses: { 200: walked(apiKey) },
    summary: "The tenant's keys, latest first (api_keys.manage)",
  }),
  revokeApiKey: route({
    method: 'DELETE',
    path: '/api-keys/:apiKeyId',
    params: z.strictObject({ apiKeyId: uuid() }),
    responses: ok,
    audit: 'api_key.revoke',
    live: true,
    summary: 'End a key at once (api_keys.manage); twice is fine',
  }),
  authenticateApiKey: route({
    method: 'POST',
    path: '/api-keys/authenticate',
    once: { none: 'reads' },
    body: z.strictObject({ key: z.string().min(1).max(256), ip: z.string().max(64).optional() }),
    responses: {
      200: z.object({
        apiKeyId: uuid(),
        tenantId: uuid(),
        permissions: z.array(z.string()),
        expiresAt: isoTime().nullable(),
      }),
    },
    audit: { none: 'reads; the last use is noted at most once a minute' },
    idempotent: true,
    summary: 'Whose key this is, for the gateway; unknown, revoked or expired, or of a suspended tenant: 401',
  }),
  listNotifications: route({
    method: 'GET',
    path: '/notifications',
    query: z.strictObject({ ...walkQuery, read: z.enum(['true', 'false']).optional() }),
    responses: { 200: walked(notification).extend({ unread: z.number().int() }) },
    summary: "The caller's own notifications, latest first",
  }),
  markNotificationRead: route({
    method: 'POST',
    path: '/notifications/:notificationId/read',
    once: { none: 'read twice is read' },
    params: z.strictObject({ notificationId: uuid() }),
    responses: { 200: notification },
    audit: { none: "a person's own reading mark" },
    summary: 'Mark as read; twice is fine; another person’s: 404',
  }),
  deleteNotification: route({
    method: 'DELETE',
    path: '/notifications/:notificationId',
    params: z.strictObject({ notificationId: uuid() }),
    responses: ok,
    audit: { none: "a person's own list" },
    summary: 'Remove one of the caller’s own',
  }),
  countUnreadNotifications: route({
    method: 'GET',
    path: '/notifications/unread-count',
    responses: { 200: z.object({ count: z.number().int() }) },
    summary: "How many of the caller's own are unread",
  }),
  getStorage: route({
    method: 'GET',
    path: '/storage',
    responses: { 200: z.object({ tables: z.number().int(), connections: z.number().int() }) },
    summary: "How many tables and connections the mesh's database has (system.read)",
  }),
  jwks: route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    responses: { 200: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }) },
    summary: 'Public keys of access tokens',
    auth: 'none',
  }),
});
