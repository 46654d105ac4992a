import {
  aiResponderApi,
  analyticsApi,
  connectorApi,
  conversationApi,
  FRAMES_PATH,
  identityApi,
  type Permission,
  type RouteContract,
  schedulerApi,
} from '@recado/contracts';
import type { StatefulService } from '@recado/testkit';

/**
 * Who passes a service's own check: callers with the permission, or with any of several; `anyone`;
 * `service`: only services on their own account; `open`: no token is needed.
 */
export type Who = Permission | Permission[] | 'anyone' | 'service' | 'open';

/**
 * Routes that give rights. Callers give only what they have, so the permission alone is not enough.
 */
export const GRANTS = ['createUser', 'updateUser', 'createRole', 'updateRole', 'createApiKey'];

export const APIS: Record<StatefulService, Record<string, RouteContract>> = {
  identity: identityApi,
  'channel-connector': connectorApi,
  conversation: conversationApi,
  'ai-responder': aiResponderApi,
  scheduler: schedulerApi,
  analytics: analyticsApi,
};

/** Beside its contract's routes every service has these. */
export const BUILT_IN: Record<string, Who> = {
  'GET /health/live': 'open',
  'GET /health/ready': 'open',
  'GET /health/accepting': 'open',
  'GET /metrics': 'open',
  'GET /openapi.json': 'anyone',
};

/** Routes that no contract describes. */
export const RAW: Partial<Record<StatefulService, Record<string, Who>>> = {
  'channel-connector': { [`POST ${FRAMES_PATH}`]: 'anyone' },
};

/**
 * Every route of every contract, by its name there. A new route fails the tests until it stands
 * here.
 */
export const INTERNAL: Record<StatefulService, Record<string, Who>> = {
  identity: {
    register: 'anyone',
    proveEmail: 'anyone',
    resendProof: 'anyone',
    createInvitation: 'service',
    login: 'anyone',
    completeLogin: 'anyone',
    refresh: 'anyone',
    renew: 'anyone',
    logout: 'anyone',
    checkLive: 'anyone',
    changePassword: 'anyone',
    enableTwoFactor: 'anyone',
    verifyTwoFactor: 'anyone',
    disableTwoFactor: 'anyone',
    getMe: 'anyone',
    updateMe: 'anyone',
    getTenant: 'anyone',
    updateTenant: 'tenant.update',
    listTenants: 'service',
    setTenantStatus: 'service',
    createUser: 'users.create',
    listUsers: 'users.read',
    getUser: 'users.read',
    updateUser: 'users.update',
    deleteUser: 'users.delete',
    setAgentStatus: 'users.update',
    listAgentStatusHistory: 'users.read',
    listRoles: ['users.read', 'roles.manage'],
    createRole: 'roles.manage',
    updateRole: 'roles.manage',
    deleteRole: 'roles.manage',
    createApiKey: 'api_keys.manage',
    listApiKeys: 'api_keys.manage',
    revokeApiKey: 'api_keys.manage',
    authenticateApiKey: 'anyone',
    listNotifications: 'anyone',
    markNotificationRead: 'anyone',
    deleteNotification: 'anyone',
    countUnreadNotifications: 'anyone',
    getStorage: 'system.read',
    jwks: 'open',
  },
  'channel-connector': {
    createChannel: 'whatsapp.numbers.manage',
    listChannels: 'whatsapp.numbers.read',
    countChannels: 'whatsapp.numbers.read',
    getChannel: 'whatsapp.numbers.read',
    listProviders: 'anyone',
    verifyWebhook: 'anyone',
  },
  conversation: {
    sendMessage: 'messages.create',
    sendToPhone: 'messages.create',
    getUsage: 'tenant.read',
    listConversations: 'chats.read',
    getConversation: 'chats.read',
    listConversationsByIds: 'chats.read',
    listMessages: 'messages.read',
    getThread: 'messages.read',
    listContacts: 'contacts.read',
    createContact: 'contacts.manage',
    updateContact: 'contacts.manage',
    deleteContact: 'contacts.manage',
    listGroups: 'groups.read',
    createGroup: 'groups.manage',
    getGroup: 'groups.read',
    updateGroup: 'groups.manage',
    deleteGroup: 'groups.manage',
    listGroupContacts: 'groups.read',
    addGroupContacts: 'groups.manage',
    removeGroupContact: 'groups.manage',
  },
  'ai-responder': { getConfig: 'ai.read', updateConfig: 'ai.manage', toggle: 'ai.manage', test: 'ai.read' },
  scheduler: { listTimers: 'anyone' },
  analytics: { getRealtime: 'analytics.read', listDailyCounts: 'analytics.read', listAudit: 'audit.read' },
};
