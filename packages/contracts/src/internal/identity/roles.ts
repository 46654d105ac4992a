import { z } from 'zod';
import { PERMISSION_NAMES } from '../../permissions.ts';
import { isoTime, role, slug, text, uuid } from '../../primitives.ts';
import { route } from '../../route.ts';
import { ok } from './common.ts';

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

export const roleRoutes = {
  listRoles: route({
    method: 'GET',
    path: '/roles',
    // Users who give a role to others must see roles too, not only users who make roles.
    access: ['users.read', 'roles.manage'],
    responses: { 200: z.object({ items: z.array(customRole) }) },
    summary: "The tenant's own roles; the three built-in ones are contracts' table",
  }),
  createRole: route({
    method: 'POST',
    path: '/roles',
    access: 'roles.manage',
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
    access: 'roles.manage',
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
    access: 'roles.manage',
    params: z.strictObject({ roleId: uuid() }),
    responses: ok,
    audit: 'role.delete',
    live: true,
    summary: 'Remove a role that no user holds (roles.manage); else 409 role',
  }),
};
