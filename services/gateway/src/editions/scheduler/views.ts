import type { Session } from '@recado/contracts';
import type { z } from 'zod';
import type * as schemas from './schemas.ts';

export const sessionView = ({ user, accessToken, expiresIn }: Session): z.input<typeof schemas.session> => ({
  access_token: accessToken,
  token_type: 'bearer',
  expires_in: expiresIn,
  user: {
    id: user.id,
    email: user.email,
    name: `${user.firstName} ${user.lastName}`.trim(),
    // An admin sees everything, everybody else what they created.
    role: user.role === 'admin' ? 'admin' : 'user',
  },
});
