import { isoTime, text, uuid } from '@recado/contracts';
import { z } from 'zod';
import { pageQuery } from '../common/schemas.ts';
import { permissions } from '../roles/schemas.ts';
import { FIELD } from '../texts.ts';

export const apiKey = z
  .object({
    id: uuid(),
    name: z.string(),
    prefix: z.string().describe('Los primeros caracteres, para distinguirlas'),
    permissions: z.array(z.string()),
    expires_at: isoTime().nullable(),
    last_used_at: isoTime().nullable(),
    last_used_ip: z.string().nullable(),
    created_by: uuid().nullable(),
    created_at: isoTime(),
    revoked_at: isoTime().nullable(),
  })
  .meta({ id: 'ApiKey' });

export const createdApiKey = apiKey
  .extend({ key: z.string().describe('Se muestra solo esta vez') })
  .meta({ id: 'CreatedApiKey' });

export const createApiKeyBody = z.strictObject({
  name: text(80),
  permissions: permissions.min(1),
  expires_at: isoTime()
    .refine((at) => Date.parse(at) > Date.now(), FIELD.notFuture)
    .nullable()
    .default(null),
});

export const apiKeysQuery = z.object({ revoked: z.enum(['true', 'false']).optional(), ...pageQuery(20) });
