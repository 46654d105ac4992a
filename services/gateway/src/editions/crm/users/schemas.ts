import {
  AGENT_STATUSES,
  email,
  isoTime,
  password,
  ROLES,
  type Role,
  slug,
  text,
  USER_STATUSES,
  uuid,
} from '@recado/contracts';
import { z } from 'zod';
import { dayOrTime, pageQuery, person } from '../common/schemas.ts';
import { FIELD } from '../texts.ts';

/** `id`: a built-in role's name, or a custom role's id. */
export const role = z.object({ id: z.string(), name: z.string(), display_name: z.string() }).meta({ id: 'Role' });

/** The integers of the document's examples stand for the roles in this order. */
const ROLE_NUMBERS = ['admin', 'supervisor', 'agent'] as const;

/** A role as a client names it: built in, or one of the tenant's own by its id. */
export type RoleChoice = { role: Role } | { customRoleId: string };

const roleId = z
  .union([z.enum(ROLES), z.literal([1, 2, 3]), z.enum(['1', '2', '3']), uuid()], { error: FIELD.unknownRole })
  .transform((id): RoleChoice => {
    const number = Number(id);
    if (!Number.isNaN(number)) return { role: ROLE_NUMBERS[number - 1]! };
    return (ROLES as readonly string[]).includes(String(id)) ? { role: id as Role } : { customRoleId: String(id) };
  });

export const createUserBody = z.strictObject({
  email: email(),
  password: password(FIELD.shortPassword),
  first_name: text(80),
  last_name: z.string().trim().max(80).default(''),
  phone: z.string().trim().max(32).nullable().optional(),
  role_id: roleId.prefault('agent'),
  status: z.enum(USER_STATUSES).default('active'),
  max_concurrent_chats: z.number().int().min(1).max(100).default(5),
  auto_assign_enabled: z.boolean().default(true),
});

const avatarUrl = z.url().max(2048).nullable();

export const updateUserBody = z.strictObject({
  email: email().optional(),
  password: password(FIELD.shortPassword).optional().describe('Cierra las sesiones del usuario'),
  first_name: text(80).optional(),
  last_name: z.string().trim().max(80).optional(),
  phone: z.string().trim().max(32).nullable().optional(),
  avatar_url: avatarUrl.optional(),
  role_id: roleId.optional().describe('Cierra las sesiones del usuario'),
  status: z.enum(USER_STATUSES).optional(),
  max_concurrent_chats: z.number().int().min(1).max(100).optional(),
  auto_assign_enabled: z.boolean().optional(),
});

export const updateMeBody = z.strictObject({
  first_name: text(80).optional(),
  last_name: z.string().trim().max(80).optional(),
  phone: z.string().trim().max(32).nullable().optional(),
  avatar_url: avatarUrl.optional(),
});

export const usersQuery = z.object({
  role: z
    .union([roleId, slug()], { error: FIELD.unknownRole })
    .optional()
    .describe('`admin`, `supervisor`, `agent`, o el id o el nombre de un rol propio'),
  status: z.enum(USER_STATUSES).optional(),
  search: z.string().trim().max(120).optional().describe('Nombre o email'),
  ...pageQuery(20),
});

const agentStatus = z.enum(AGENT_STATUSES);

export const user = z
  .object({
    id: uuid(),
    email: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    phone: z.string().nullable(),
    avatar_url: z.string().nullable(),
    role,
    status: z.enum(USER_STATUSES),
    agent_status: agentStatus,
    max_concurrent_chats: z.number().int(),
    created_at: isoTime(),
    last_login_at: isoTime().nullable(),
  })
  .meta({ id: 'User' });

export const userDetail = user
  .extend({
    agent_status_reason: z.string().nullable(),
    auto_assign_enabled: z.boolean(),
    campaigns: z.array(z.object({ id: uuid(), name: z.string(), priority: z.number().int() })),
    permissions: z.array(z.string()),
    two_factor_enabled: z.boolean(),
    updated_at: isoTime(),
  })
  .meta({ id: 'UserDetail' });

export const agentStatusBody = z.strictObject({
  agent_status: agentStatus,
  agent_status_reason: z.string().trim().max(200).nullable().optional(),
});

export const agentStatusAnswer = z
  .object({ id: uuid(), agent_status: agentStatus, agent_status_reason: z.string().nullable(), updated_at: isoTime() })
  .meta({ id: 'AgentStatus' });

export const agentStatusHistoryQuery = z.object({
  from_date: dayOrTime.optional().describe('Una fecha sola empieza en la zona horaria del tenant'),
  to_date: dayOrTime.optional().describe('Inclusive'),
  ...pageQuery(20),
});

export const agentStatusChange = z
  .object({
    id: uuid(),
    agent_status: agentStatus,
    agent_status_reason: z.string().nullable(),
    changed_by: person.nullable(),
    started_at: isoTime(),
    duration_seconds: z.number().int().nullable().describe('null: el actual'),
  })
  .meta({ id: 'AgentStatusChange' });
