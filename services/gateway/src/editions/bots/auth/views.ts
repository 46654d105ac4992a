import type { Session, Tenant, User } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

const ROLES = { admin: 'admin', supervisor: 'manager', agent: 'user' } as const;

const personView = ({ id, email, firstName, lastName, role }: User) => ({
  id,
  email,
  firstName,
  lastName,
  role: ROLES[role],
});

const companyView = ({ id, name, plan }: Tenant) => ({ id, name, plan });
const limitsView = ({ limits }: Tenant) => ({ maxInstances: limits.maxChannels, maxMessages: limits.maxMessages });

/**
 * `email`: the company's own, as it was given. It is shown nowhere else, because mails go to users.
 */
export const registeredView = (
  { user, tenant, accessToken }: Session,
  email: string,
): View<typeof schemas.registered> => ({
  company: { ...companyView(tenant), email, ...limitsView(tenant), createdAt: tenant.createdAt },
  user: personView(user),
  token: accessToken,
});

export const sessionView = ({ user, tenant, accessToken }: Session): View<typeof schemas.session> => ({
  user: { ...personView(user), company: companyView(tenant) },
  token: accessToken,
});

export const meView = (user: User, tenant: Tenant): View<typeof schemas.me> => ({
  user: {
    ...personView(user),
    lastLogin: user.lastLoginAt,
    company: { ...companyView(tenant), ...limitsView(tenant) },
  },
});
