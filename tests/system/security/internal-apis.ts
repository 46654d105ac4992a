import {
  aiResponderApi,
  analyticsApi,
  connectorApi,
  conversationApi,
  FILE_CONTENT_PATH,
  FILES_PATH,
  FRAMES_PATH,
  IMPORTS_PATH,
  identityApi,
  type RouteAccess,
  type RouteContract,
  schedulerApi,
} from '@recado/contracts';
import type { StatefulService } from '@recado/testkit';

/** `open`: no token is needed. */
export type Access = RouteAccess | 'open';

/**
 * Routes that give rights, or act and read by other ones. Callers need those too.
 */
export const GRANTS = [
  'createRule',
  'tryRule',
  'createUser',
  'updateUser',
  'createRole',
  'updateRole',
  'createApiKey',
  'createWebhookEndpoint',
];

export const APIS: Record<StatefulService, Record<string, RouteContract>> = {
  identity: identityApi,
  'channel-connector': connectorApi,
  conversation: conversationApi,
  'ai-responder': aiResponderApi,
  scheduler: schedulerApi,
  analytics: analyticsApi,
};

/** Beside its contract's routes every service has these. */
export const BUILT_IN: Record<string, Access> = {
  'GET /health/live': 'open',
  'GET /health/ready': 'open',
  'GET /health/accepting': 'open',
  'GET /metrics': 'open',
  'GET /openapi.json': 'anyone',
};

/** Routes that no contract describes. */
export const RAW: Partial<Record<StatefulService, Record<string, Access>>> = {
  'channel-connector': {
    [`POST ${FRAMES_PATH}`]: 'anyone',
    [`POST ${FILES_PATH}`]: 'messages.create',
    [`GET ${FILE_CONTENT_PATH}`]: 'messages.read',
  },
  conversation: { [`POST ${IMPORTS_PATH}`]: 'contacts.manage' },
};
