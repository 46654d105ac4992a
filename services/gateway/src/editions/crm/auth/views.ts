import type { Session } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { roleView } from '../users/views.ts';
import type * as schemas from './schemas.ts';

export const tokensView = ({ accessToken, refreshToken, expiresIn }: Session): View<typeof schemas.tokens> => ({
  access_token: accessToken,
  // This edition's sessions always have one.
  refresh_token: refreshToken ?? '',
  expires_in: expiresIn,
});

export const sessionView = (session: Session): View<typeof schemas.session> => ({
  ...tokensView(session),
  user: {
    id: session.user.id,
    email: session.user.email,
    first_name: session.user.firstName,
    last_name: session.user.lastName,
    role: roleView(session.user),
    permissions: session.user.permissions,
  },
});
