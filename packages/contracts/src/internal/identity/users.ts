import { z } from 'zod';
import { email, idList, isoTime, password, role, text, uuid, walked, walkQuery } from '../../primitives.ts';
import { route } from '../../route.ts';
import { ok } from './common.ts';
import { customRole } from './roles.ts';

export const AGENT_STATUSES = ['available', 'busy', 'paused', 'offline'] as const;
export const USER_STATUSES = ['active', 'inactive', 'suspended'] as const;

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
const customRoleId = uuid().nullable().describe('Of the same tenant; its base role becomes the role');

export const userRoutes = {
  createUser: route({
    method: 'POST',
    path: '/users',
    access: 'users.create',
    once: true,
    body: z.strictObject({
      email: email(),
      password: password(),
      firstName: text(80),
      lastName: z.string().trim().max(80).default(''),
      phone: z.string().max(32).nullable().optional(),
      role: role().default('agent'),
      customRoleId: customRoleId.optional(),
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
    access: 'users.read',
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
    access: 'users.read',
    callers: ['conversation'],
    params: userParams,
    responses: { 200: user },
    summary: 'One user (users.read)',
  }),
  updateUser: route({
    method: 'PATCH',
    path: '/users/:userId',
    access: 'users.update',
    orSelf: true,
    params: userParams,
    body: z.strictObject({
      email: email().optional(),
      password: password().optional().describe('Ends the sessions of the user'),
      firstName: text(80).optional(),
      lastName: z.string().trim().max(80).optional(),
      phone: z.string().max(32).nullable().optional(),
      avatarUrl: z.url().max(2048).nullable().optional(),
      role: role().optional(),
      customRoleId: customRoleId.optional(),
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
    access: 'users.delete',
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
    access: 'users.update',
    orSelf: true,
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
    access: 'users.read',
    orSelf: true,
    params: userParams,
    query: z.strictObject({ ...walkQuery, from: isoTime().optional(), to: isoTime().optional() }),
    responses: { 200: walked(agentStatusChange) },
    summary: "A user's presence, latest first: one's own, or another's with users.read",
  }),
};
