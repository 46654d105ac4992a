import { CHANNEL_STATUSES, isoTime, uuid } from '@recado/contracts';
import { z } from 'zod';

export const instance = z
  .object({
    id: uuid(),
    name: z.string(),
    instanceKey: z.string(),
    status: z.enum(CHANNEL_STATUSES),
    statusReason: z.string().nullable().describe('Por qué no está conectada'),
    phoneNumber: z.string().nullable().describe('Solo dígitos'),
    lastConnectionAt: isoTime().nullable(),
    settings: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Instance' });

export const instanceParams = z.strictObject({ instanceId: uuid() });
