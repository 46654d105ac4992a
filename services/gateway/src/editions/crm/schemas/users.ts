import { email, isoTime, password, ROLES, text, uuid } from '@recado/contracts';
import { z } from 'zod';

export const role = z.object({ id: z.enum(ROLES), name: z.enum(ROLES), display_name: z.string() }).meta({ id: 'Role' });

export const loginBody = z.strictObject({ email: email(), password: z.string().min(1).max(256) });

export const session = z
  .object({
    access_token: z.string(),
    refresh_token: z.string(),
    expires_in: z.number().int().describe('Segundos'),
    user: z.object({
      id: uuid(),
      email: z.string(),
      first_name: z.string(),
      last_name: z.string(),
      role,
      permissions: z.array(z.string()),
    }),
  })
  .meta({ id: 'Session' });

/** The integers of the document's examples stand for the roles in this order. */
const ROLE_NUMBERS = ['admin', 'supervisor', 'agent'] as const;
const roleId = z
  .union([z.enum(ROLES), z.literal([1, 2, 3]), z.enum(['1', '2', '3'])], { error: 'Rol desconocido' })
  .transform((id): (typeof ROLES)[number] => {
    const n = Number(id);
    return Number.isNaN(n) ? (id as (typeof ROLES)[number]) : ROLE_NUMBERS[n - 1]!;
  });

const userStatus = z.enum(['active', 'inactive', 'suspended']);

export const createUserBody = z.strictObject({
  email: email(),
  password: password(),
  first_name: text(80),
  last_name: z.string().trim().max(80).default(''),
  phone: z.string().trim().max(32).nullable().optional(),
  role_id: roleId.default('agent'),
  status: userStatus.default('active'),
  max_concurrent_chats: z.number().int().min(1).max(100).default(5),
  auto_assign_enabled: z.boolean().default(true),
});

export const user = z
  .object({
    id: uuid(),
    email: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    phone: z.string().nullable(),
    avatar_url: z.string().nullable(),
    role,
    status: userStatus,
    agent_status: z.enum(['available', 'busy', 'paused', 'offline']),
    max_concurrent_chats: z.number().int(),
    created_at: isoTime(),
    last_login_at: isoTime().nullable(),
  })
  .meta({ id: 'User' });
