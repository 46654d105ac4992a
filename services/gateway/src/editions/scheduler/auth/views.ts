import type { Session, Tenant, User } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

const personView = ({ id, email, firstName, lastName, role }: User) => ({
  id,
  email,
  name: `${firstName} ${lastName}`.trim(),
  // An admin sees everything, other users what they created.
  role: role === 'admin' ? ('admin' as const) : ('user' as const),
});

export const tokenView = ({ accessToken, expiresIn }: Session): View<typeof schemas.token> => ({
  access_token: accessToken,
  token_type: 'bearer',
  expires_in: expiresIn,
});

export const sessionView = (session: Session): View<typeof schemas.session> => ({
  ...tokenView(session),
  user: personView(session.user),
});

export const meView = (user: User, { id, name, timezone }: Tenant): View<typeof schemas.me> => ({
  ...personView(user),
  organization: { id, name, timezone },
  created_at: user.createdAt,
});
