import type { Role } from './primitives.ts';

/** The one table of permissions (dotted names of crm.md): which roles have each by default. */
export const PERMISSIONS = {
  'users.read': ['admin', 'supervisor', 'agent'],
  'users.create': ['admin'],
  'users.update': ['admin'],
  'users.delete': ['admin'],
  'roles.manage': ['admin'],
  'api_keys.manage': ['admin'],
  'audit.read': ['admin'],
  'system.read': ['admin'],
  'tenant.read': ['admin', 'supervisor', 'agent'],
  'tenant.update': ['admin'],
  'whatsapp.numbers.read': ['admin', 'supervisor', 'agent'],
  'whatsapp.numbers.manage': ['admin'],
  'webhooks.manage': ['admin'],
  'templates.read': ['admin', 'supervisor', 'agent'],
  'templates.manage': ['admin', 'supervisor'],
  'chats.read': ['admin', 'supervisor', 'agent'],
  'chats.update': ['admin', 'supervisor', 'agent'],
  'chats.assign': ['admin', 'supervisor'],
  'chats.transfer': ['admin', 'supervisor', 'agent'],
  'chats.close': ['admin', 'supervisor', 'agent'],
  'messages.read': ['admin', 'supervisor', 'agent'],
  'messages.create': ['admin', 'supervisor', 'agent'],
  'tasks.read': ['admin', 'supervisor', 'agent'],
  'tasks.create': ['admin', 'supervisor', 'agent'],
  'tasks.update': ['admin', 'supervisor', 'agent'],
  'tasks.delete': ['admin', 'supervisor'],
  /** The tasks of everybody: without it a user has those that they made or got. */
  'tasks.manage': ['admin', 'supervisor'],
  'campaigns.read': ['admin', 'supervisor', 'agent'],
  'campaigns.create': ['admin', 'supervisor'],
  'campaigns.update': ['admin', 'supervisor'],
  'campaigns.delete': ['admin'],
  'backups.create': ['admin'],
  'backups.restore': ['admin'],
  'contacts.read': ['admin', 'supervisor', 'agent'],
  'contacts.manage': ['admin', 'supervisor', 'agent'],
  'contacts.export': ['admin', 'supervisor'],
  'groups.read': ['admin', 'supervisor', 'agent'],
  'groups.manage': ['admin', 'supervisor', 'agent'],
  'ai.read': ['admin', 'supervisor', 'agent'],
  'ai.manage': ['admin', 'supervisor'],
  'analytics.read': ['admin', 'supervisor'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;
export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as [Permission, ...Permission[]];

/**
 * Names that came into the table after sessions and keys were given out: tokens of a moment ago do
 * not hold them.
 */
export const LATER_PERMISSIONS: readonly Permission[] = PERMISSION_NAMES.filter((name) =>
  /^(?:(?:campaigns|backups|webhooks|tasks)\.|contacts\.export$)/.test(name),
);

/** The permissions a role has by default, in the table's order. */
export function permissionsOf(role: Role): Permission[] {
  return PERMISSION_NAMES.filter((name) => (PERMISSIONS[name] as readonly Role[]).includes(role));
}
