import type { ApiKey } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

export const apiKeyView = (key: ApiKey): View<typeof schemas.apiKey> => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  permissions: key.permissions,
  expires_at: key.expiresAt,
  last_used_at: key.lastUsedAt,
  last_used_ip: key.lastUsedIp,
  created_by: key.createdBy,
  created_at: key.createdAt,
  revoked_at: key.revokedAt,
});
