import type { Session } from '@recado/contracts';
import type { z } from 'zod';
import type * as schemas from './schemas.ts';

const ROLES = { admin: 'admin', supervisor: 'manager', agent: 'user' } as const;

export const sessionView = ({ user, tenant, accessToken }: Session): z.input<typeof schemas.session> => ({
  user: {
    id: user.id,
    email: user.email,
    firstName: user.firstName,
    lastName: user.lastName,
    role: ROLES[user.role],
    company: { id: tenant.id, name: tenant.name, plan: tenant.plan },
  },
  token: accessToken,
});
