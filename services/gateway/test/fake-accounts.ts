import {
  type AgentStatusChange,
  type ApiKey,
  type AuditRecord,
  analyticsApi,
  type CustomRole,
  type Edition,
  identityApi,
  type MissingThing,
  type Notification,
  type Session,
  type User,
  uuidv7,
} from '@recado/contracts';
import { AppError, Conflict, NotFound, serve, ValidationFailed } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';

const NOW = '2026-01-15T10:00:00.000Z';

/** The user with this e-mail has a second factor. */
export const TWO_FACTOR_EMAIL = 'dos-factores@hotel.com';
export const TWO_FACTOR_CODE = '123456';
export const CHALLENGE = 'challenge-of-a-login';

export const customRole: CustomRole = {
  id: uuidv7(),
  name: 'cajero',
  displayName: 'Cajero',
  baseRole: 'agent',
  permissions: ['chats.read', 'messages.read'],
  userCount: 2,
  createdAt: NOW,
  updatedAt: NOW,
};

export const apiKey: ApiKey = {
  id: uuidv7(),
  name: 'ERP',
  prefix: 'rk_live_ab12',
  permissions: ['messages.create'],
  expiresAt: null,
  lastUsedAt: NOW,
  lastUsedIp: '203.0.113.7',
  createdBy: null,
  createdAt: NOW,
  revokedAt: null,
};

export const notification: Notification = {
  id: uuidv7(),
  userId: uuidv7(),
  kind: 'channel.lost',
  type: 'error',
  params: { name: 'Ventas', phone: '+51999123456', reason: 'The Graph API refused the token' },
  relatedEntityType: 'channel',
  relatedEntityId: uuidv7(),
  isRead: false,
  createdAt: NOW,
};
/** One whose params say nothing, about a thing that has another name outside. */
export const broadcastNotification: Notification = {
  ...notification,
  id: uuidv7(),
  kind: 'broadcast.finished',
  type: 'success',
  params: { name: 'Promo', sent: 98, total: 100 },
  relatedEntityType: 'broadcast',
};

/** How many records the audit log holds: two pages of an export and one more. */
export const AUDIT_RECORDS = 2001;

/** Entities whose log can't be read, or only its first page. */
export const BROKEN_AT_ONCE = 'broken-at-once';
export const BROKEN_LATER = 'broken-later';

/** The n-th record; every second one has a cell that a spreadsheet would run. */
export function auditRecord(n: number, user: User): AuditRecord {
  return {
    id: `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`,
    actor: { kind: 'user', userId: user.id, apiKeyId: null, service: null },
    action: 'conversation.transfer',
    entityType: 'conversation',
    entityId: '01900000-0000-7000-8000-0000000000aa',
    changes: { assignedUserId: { from: null, to: user.id }, status: { from: 'active', to: 'assigned' } },
    success: true,
    reason: null,
    ip: '192.168.1.100',
    userAgent: n % 2 ? '=cmd|"/c calc"!A1' : 'Mozilla/5.0',
    edition: 'crm',
    requestId: null,
    at: NOW,
  };
}

/** Identity's routes of accounts that contracts can't answer; what a test breaks is in its body. */
export function serveAccounts(
  app: FastifyInstance,
  session: (edition: Edition) => Session,
  { user }: { user: User },
): void {
  const known = (entity: MissingThing, id: string, ...ids: string[]) => {
    if (!ids.includes(id)) throw new NotFound(entity, id);
  };
  const refuseCode = (code: string) => {
    if (code !== TWO_FACTOR_CODE) {
      throw new ValidationFailed([{ field: 'code', message: 'Wrong code', code: 'wrong_code' }]);
    }
  };
  serve(app, identityApi.completeLogin, async ({ body }) => {
    if (body.challengeToken !== CHALLENGE || body.code !== TWO_FACTOR_CODE) {
      throw new AppError('invalid_credentials', 'The challenge is dead or the code is wrong');
    }
    return session(body.edition);
  });
  serve(app, identityApi.renew, async ({ body }) => session(body.edition));
  serve(app, identityApi.changePassword, async ({ body }) => {
    if (body.currentPassword !== 'senha123') {
      throw new ValidationFailed([{ field: 'currentPassword', message: 'Wrong password', code: 'wrong_password' }]);
    }
  });
  serve(app, identityApi.enableTwoFactor, async () => ({
    secret: 'JBSWY3DPEHPK3PXP',
    otpauthUrl: 'otpauth://totp/Recado:admin@hotel.com?secret=JBSWY3DPEHPK3PXP',
    qrCode: 'data:image/png;base64,iVBORw0KG',
    backupCodes: ['123456', '789012', '345678'],
  }));
  serve(app, identityApi.verifyTwoFactor, async ({ body }) => refuseCode(body.code));
  serve(app, identityApi.disableTwoFactor, async ({ body }) => refuseCode(body.code));
  serve(app, identityApi.updateMe, async ({ body }) => ({ ...user, ...body }) as User);
  serve(app, identityApi.updateUser, async ({ params, body }) => {
    known('user', params.userId, user.id);
    if (body.status === 'suspended') throw new Conflict('The last admin', 'last_admin');
    const { customRoleId, password: _, ...changes } = body;
    return { ...user, ...changes, customRole: customRoleId ? customRole : null } as User;
  });
  serve(app, identityApi.setAgentStatus, async ({ params, body }) => {
    known('user', params.userId, user.id);
    return { ...user, agentStatus: body.agentStatus, agentStatusReason: body.reason ?? null, agentStatusAt: NOW };
  });
  const change: AgentStatusChange = {
    id: uuidv7(),
    userId: user.id,
    agentStatus: 'paused',
    reason: 'Almuerzo',
    changedBy: user.id,
    at: NOW,
    seconds: null,
  };
  serve(app, identityApi.listAgentStatusHistory, async () => ({ items: [change], total: 1, nextCursor: null }));
  serve(app, identityApi.getStorage, async () => ({ tables: 7, connections: 5 }));
  serveRoles(app);
  serveNotifications(app, known);
}

type Known = (entity: MissingThing, id: string, ...ids: string[]) => void;

function serveRoles(app: FastifyInstance): void {
  serve(app, identityApi.createRole, async ({ body }) => {
    if (body.name === customRole.name) throw new Conflict('Taken', 'role');
    return { ...customRole, ...body };
  });
  serve(app, identityApi.createApiKey, async ({ body }) => ({ apiKey: { ...apiKey, ...body }, key: 'rk_live_ab12cd' }));
}

function serveNotifications(app: FastifyInstance, known: Known): void {
  serve(app, identityApi.listNotifications, async () => ({
    items: [notification, broadcastNotification],
    total: 2,
    nextCursor: null,
    unread: 2,
  }));
  serve(app, identityApi.markNotificationRead, async ({ params }) => {
    known('notification', params.notificationId, notification.id);
    return { ...notification, isRead: true };
  });
  serve(app, identityApi.countUnreadNotifications, async () => ({ count: 2 }));
}

/**
 * Analytics' audit log, `AUDIT_RECORDS` long, and a day's counts. The user is samples.user, whose
 * id tests look for.
 */
export function serveAnalytics(app: FastifyInstance, user: User): void {
  serve(app, analyticsApi.listDailyCounts, async ({ query }) => ({
    timezone: 'America/Lima',
    items: [
      { day: query.to, metric: 'messages_received', value: 234 },
      { day: query.to, metric: 'messages_sent', value: 7 },
      { day: query.to, metric: 'messages_failed', value: 3 },
    ],
  }));
  serve(app, analyticsApi.listAudit, async ({ query }) => {
    if (query.entityId === BROKEN_AT_ONCE || (query.entityId === BROKEN_LATER && query.cursor)) {
      throw new AppError('bad_gateway', 'The log cannot be read');
    }
    const start = query.cursor ? Number(query.cursor) : ((query.page ?? 1) - 1) * query.limit;
    const count = Math.max(0, Math.min(query.limit, AUDIT_RECORDS - start));
    const end = start + count;
    return {
      items: Array.from({ length: count }, (_, i) => auditRecord(start + i, user)),
      total: query.count ? AUDIT_RECORDS : null,
      nextCursor: end < AUDIT_RECORDS ? String(end) : null,
    };
  });
}
