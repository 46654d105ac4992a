import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { PLAN_NAMES } from '../plans.ts';
import { role, uuid } from '../primitives.ts';

const tenantData = z.object({
  tenantId: uuid(),
  slug: z.string(),
  name: z.string(),
  plan: z.enum(PLAN_NAMES),
  status: z.enum(['active', 'suspended']),
  timezone: z.string(),
  language: z.string(),
});
const userData = z.object({
  userId: uuid(),
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  role: role(),
  status: z.enum(['active', 'inactive', 'suspended']),
});

export const tenantCreated = defineEvent('identity.tenant.created', 1, tenantData, 'A company registered');
export const tenantUpdated = defineEvent(
  'identity.tenant.updated',
  1,
  tenantData,
  'Name, plan, status, time zone or language changed',
);
export const userCreated = defineEvent('identity.user.created', 1, userData, 'A user was added');
export const sessionRevoked = defineEvent(
  'identity.session.revoked',
  1,
  z.object({ userId: uuid(), sessionId: uuid().nullable().describe('Null: every session of the user') }),
  'Tokens of this session are dead: edges forget it and close its sockets',
);
