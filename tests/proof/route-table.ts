import type { Edition, Permission } from '@recado/contracts';
import type { Kind } from './world.ts';

/**
 * What a route asks of whoever calls it.
 *
 * - `open`: nobody is asked anything; `signed`: the provider's signature over the bytes, no token;
 * - `either`: a token counts, and none or a dead one is nobody;
 * - `bearer`: an access token or an API key.
 */
export interface RouteRow {
  auth: 'open' | 'signed' | 'either' | 'bearer';
  /** Null: any bearer. */
  needs: Permission | null;
  /** Null `needs` is for one's own; somebody else's takes this. */
  others?: Permission;
  /** 403 for API keys, which have no user. */
  person?: boolean;
  /** What its path ids name, in their order. */
  ids: Kind[];
}

type More = Partial<Pick<RouteRow, 'person' | 'ids'>>;

const open: RouteRow = { auth: 'open', needs: null, ids: [] };
const openOf = (kind: Kind): RouteRow => ({ ...open, ids: [kind] });
const signed: RouteRow = { auth: 'signed', needs: null, ids: [] };
const signedFor = (kind: Kind): RouteRow => ({ ...signed, ids: [kind] });
const eitherWay: RouteRow = { auth: 'either', needs: null, person: true, ids: [] };
/** With a permission. */
const needs = (permission: Permission, more: More = {}): RouteRow => ({
  auth: 'bearer',
  needs: permission,
  ids: [],
  ...more,
});
/** Of the person who asks, without a permission. */
const self = (...ids: Kind[]): RouteRow => ({ auth: 'bearer', needs: null, person: true, ids });
/** One's own without a permission, another's with it. */
const ownOr = (others: Permission, kind: Kind): RouteRow => ({ auth: 'bearer', needs: null, others, ids: [kind] });

/**
 * Every route of every edition, below its prefix, written down a second time: a route that is added, opened or given another permission
 * fails the proof until somebody has said so here too.
 */
export const ROUTE_TABLE: Record<Edition, Record<string, RouteRow>> = {
  saas: {
    'GET /': open,
    'GET /health': open,
    'POST /auth/register': open,
    'POST /auth/confirm-email': eitherWay,
    'POST /auth/confirm-email/resend': self(),
    'POST /auth/login': open,
    'POST /auth/refresh': open,
    'GET /auth/me': self(),
    'POST /auth/logout': self(),
    'PUT /auth/change-password': self(),
    'GET /tenant': needs('tenant.read'),
    'PUT /tenant': needs('tenant.update'),
    'GET /tenant/usage': needs('tenant.read'),
    'GET /tenant/users': needs('users.read'),
    'GET /tenant/dashboard': needs('analytics.read'),
    'GET /whatsapp/instances': needs('whatsapp.numbers.read'),
    'POST /whatsapp/instances/:instanceId/messages/send': needs('messages.create', { ids: ['channel'] }),
    'GET /whatsapp/instances/:instanceId/conversations': needs('chats.read', { ids: ['channel'] }),
    'GET /whatsapp/conversations/:conversationId/messages': needs('messages.read', { ids: ['conversation'] }),
    'GET /whatsapp/rate-limit/usage': needs('tenant.read'),
    'GET /ai/config': needs('ai.read'),
    'PUT /ai/config': needs('ai.manage'),
    'POST /ai/toggle': needs('ai.manage'),
    'POST /ai/test': needs('ai.read'),
    'GET /analytics/realtime': needs('analytics.read'),
  },
  crm: {
    'POST /auth/login': open,
    'POST /auth/refresh': open,
    'POST /auth/logout': self(),
    'PUT /auth/change-password': self(),
    'POST /auth/2fa/enable': self(),
    'POST /auth/2fa/verify': eitherWay,
    'POST /auth/2fa/disable': self(),
    'GET /users': needs('users.read'),
    'GET /users/me': self(),
    'PUT /users/me': self(),
    'GET /users/:id': needs('users.read', { ids: ['user'] }),
    'POST /users': needs('users.create'),
    'PUT /users/:id': needs('users.update', { ids: ['user'] }),
    'DELETE /users/:id': needs('users.delete', { ids: ['user'] }),
    'POST /users/:id/agent-status': ownOr('users.update', 'user'),
    'GET /users/:id/agent-status': ownOr('users.read', 'user'),
    'GET /roles': needs('users.read'),
    'POST /roles': needs('roles.manage'),
    'PUT /roles/:id': needs('roles.manage', { ids: ['role'] }),
    'DELETE /roles/:id': needs('roles.manage', { ids: ['role'] }),
    'GET /api-keys': needs('api_keys.manage'),
    'POST /api-keys': needs('api_keys.manage', { person: true }),
    'DELETE /api-keys/:id': needs('api_keys.manage', { ids: ['apiKey'] }),
    'GET /whatsapp-numbers': needs('whatsapp.numbers.read'),
    'POST /whatsapp-numbers': needs('whatsapp.numbers.manage'),
    'GET /chats': needs('chats.read'),
    'GET /chats/:id': needs('chats.read', { ids: ['conversation'] }),
    'GET /chats/:id/messages': needs('messages.read', { ids: ['conversation'] }),
    'POST /messages': needs('messages.create'),
    'GET /notifications': self(),
    'POST /notifications/:id/read': self('notification'),
    'GET /audit-logs': needs('audit.read'),
    'GET /audit-logs/export': needs('audit.read'),
    'GET /webhooks/whatsapp/meta/:number_id': openOf('channel'),
    'POST /webhooks/whatsapp/meta/:number_id': signedFor('channel'),
  },
  bots: {
    'POST /api/auth/register': open,
    'POST /api/auth/confirm-email': eitherWay,
    'POST /api/auth/confirm-email/resend': self(),
    'POST /api/auth/login': open,
    'GET /api/auth/me': self(),
    'POST /api/auth/refresh': self(),
    'POST /api/auth/change-password': self(),
    'POST /api/auth/logout': self(),
    'GET /api/health': open,
    'GET /api/system/info': needs('system.read'),
  },
  inbox: {
    'POST /auth/login': open,
    'POST /auth/register': open,
    'POST /auth/confirm-email': eitherWay,
    'POST /auth/confirm-email/resend': self(),
    'GET /auth/me': self(),
    'POST /auth/logout': self(),
    'PUT /auth/change-password': self(),
    'GET /api/notifications': self(),
    'POST /api/notifications/:id/read': self('notification'),
    'GET /webhooks/whatsapp': open,
    'POST /webhooks/whatsapp': signed,
  },
  scheduler: {
    'POST /api/auth/login': open,
    'POST /api/auth/logout': self(),
    'POST /api/auth/refresh': self(),
    'GET /api/auth/me': self(),
    'GET /api/groups': needs('groups.read'),
    'POST /api/groups': needs('groups.manage'),
    'GET /api/groups/:id': needs('groups.read', { ids: ['group'] }),
    'PUT /api/groups/:id': needs('groups.manage', { ids: ['group'] }),
    'DELETE /api/groups/:id': needs('groups.manage', { ids: ['group'] }),
    'GET /api/groups/:id/contacts': needs('groups.read', { ids: ['group'] }),
    'POST /api/groups/:id/contacts': needs('groups.manage', { ids: ['group'] }),
    'DELETE /api/groups/:id/contacts/:contact_id': needs('groups.manage', { ids: ['group', 'contact'] }),
    'GET /api/contacts': needs('contacts.read'),
    'POST /api/contacts': needs('contacts.manage'),
    'PUT /api/contacts/:id': needs('contacts.manage', { ids: ['contact'] }),
    'DELETE /api/contacts/:id': needs('contacts.manage', { ids: ['contact'] }),
    'GET /api/notifications': self(),
    'GET /api/notifications/unread-count': self(),
    'POST /api/notifications/mark-read/:id': self('notification'),
    'DELETE /api/notifications/:id': self('notification'),
    'GET /api/health': open,
    'GET /api/health/db': open,
    'GET /api/health/whatsapp': open,
    'GET /api/health/redis': open,
  },
};

/** What the gateway serves beside the editions' routes. `*`: a preflight's own. */
export const BESIDE: string[] = [
  'GET /',
  'GET /health',
  'GET /health/live',
  'GET /health/ready',
  'GET /health/accepting',
  'GET /metrics',
  'GET /api-docs',
  'GET /docs',
  'GET /docs/',
  'GET /docs/assets/*',
  'GET /docs/:edition',
  'GET /docs/:edition/openapi.json',
  'GET /docs/:edition/page.js',
  'GET /scheduler/swagger',
];
