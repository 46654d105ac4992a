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

export const connection = z.object({
  instance: z.object({ id: uuid(), status: z.enum(CHANNEL_STATUSES), statusReason: z.string().nullable() }),
  qrCode: z.string().nullable().describe('Imagen para escanear; null si el proveedor no usa código QR'),
  connected: z.boolean(),
});

export const connectionStatus = z.object({
  instanceId: uuid(),
  name: z.string(),
  status: z.enum(CHANNEL_STATUSES),
  statusReason: z.string().nullable(),
  connected: z.boolean(),
  phoneNumber: z.string().nullable().describe('Solo dígitos'),
  profilePictureUrl: z.string().nullable(),
  lastConnectionAt: isoTime().nullable(),
  health: z.object({
    healthy: z.boolean(),
    responseTimeMs: z.number().int().nullable(),
    lastCheckAt: isoTime().nullable(),
  }),
});

export const instanceParams = z.strictObject({ instanceId: uuid() });
