import type { Session, Tenant, User } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { upper } from '../common/views.ts';
import type * as schemas from './schemas.ts';

export const fullName = ({ firstName, lastName }: Pick<User, 'firstName' | 'lastName'>): string =>
  `${firstName} ${lastName}`.trim();

export const meView = (user: User, tenant: Tenant): View<typeof schemas.me> => ({
  user: { id: user.id, email: user.email, name: fullName(user), role: upper(user.role), tenantId: tenant.id },
  tenant: { id: tenant.id, slug: tenant.slug, name: tenant.name },
});

export const sessionView = ({ user, tenant, accessToken }: Session): View<typeof schemas.session> => ({
  ...meView(user, tenant),
  token: accessToken,
});
