import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { AGENT_STATUSES } from '../internal/identity.ts';
import { notification } from '../notifications.ts';
import { PLAN_NAMES } from '../plans.ts';
import { isoTime, role, uuid } from '../primitives.ts';

const tenantData = z.object({
  tenantId: uuid(),
  slug: z.string(),
  name: z.string(),
  plan: z.enum(PLAN_NAMES),
  status: z.enum(['active', 'suspended']),
  timezone: z.string(),
  country: z.string().nullable().optional().describe('Where phones without a country code are read'),
  language: z.string(),
  unproved: z.boolean().optional().describe('The e-mail is not proved: the company may read, and change nothing'),
});
const userData = z.object({
  userId: uuid(),
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  role: role(),
  status: z.enum(['active', 'inactive', 'suspended']),
  // An identity service of the version before tells neither.
  maxConcurrentChats: z.number().int().optional(),
  autoAssign: z.boolean().optional(),
});

export const tenantCreated = defineEvent('identity.tenant.created', 1, tenantData, 'A company registered');
export const tenantUpdated = defineEvent(
  'identity.tenant.updated',
  1,
  tenantData,
  'Name, plan, status, time zone, country or language changed, or the e-mail was proved',
);
export const userCreated = defineEvent('identity.user.created', 1, userData, 'A user was added');
export const userUpdated = defineEvent(
  'identity.user.updated',
  1,
  userData.extend({ changed: z.array(z.string()) }),
  'Name, role, status or another field of a user changed',
);
export const userDeleted = defineEvent(
  'identity.user.deleted',
  1,
  userData,
  'A user was removed; the record stays for history',
);
export const presenceChanged = defineEvent(
  'identity.presence.changed',
  1,
  z.object({
    userId: uuid(),
    agentStatus: z.enum(AGENT_STATUSES),
    previousStatus: z.enum(AGENT_STATUSES),
    reason: z.string().nullable(),
    at: isoTime(),
  }),
  'An agent became available, busy, paused or offline',
);
export const notificationCreated = defineEvent(
  'identity.notification.created',
  1,
  z.object({ notification }),
  'A user has something new to be told',
);
export const sessionRevoked = defineEvent(
  'identity.session.revoked',
  1,
  z.object({ userId: uuid(), sessionId: uuid().nullable().describe('Null: every session of the user') }),
  'Tokens of this session are dead: edges forget it and close its sockets',
);
