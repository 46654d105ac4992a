import type { Session, Tenant, User } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

export const tokensView = ({ accessToken, refreshToken, expiresIn }: Session): View<typeof schemas.tokens> => ({
  accessToken,
  // This edition's sessions always have one.
  refreshToken: refreshToken ?? '',
  expiresIn,
});

export const fullName = ({ firstName, lastName }: Pick<User, 'firstName' | 'lastName'>): string =>
  `${firstName} ${lastName}`.trim();

export const profileView = (user: User, tenant: Tenant): View<typeof schemas.profile> => ({
  id: user.id,
  email: user.email,
  name: fullName(user),
  role: user.role,
  tenantId: tenant.id,
  tenant: { id: tenant.id, name: tenant.name, plan: tenant.plan, status: tenant.status },
});
