import { CHANNEL_STATUSES, channelSettings, isoTime, text, uuid } from '@recado/contracts';
import { z } from 'zod';

const qrCode = () =>
  z
    .string()
    .nullable()
    .describe('Imagen para escanear, para quien administra números; null si no se espera ningún teléfono');

export const instance = z
  .object({
    id: uuid(),
    name: z.string(),
    instanceKey: z.string(),
    status: z.enum(CHANNEL_STATUSES),
    statusReason: z.string().nullable().describe('Por qué no está conectada'),
    phoneNumber: z.string().nullable().describe('Solo dígitos'),
    lastConnectionAt: isoTime().nullable(),
    qrCode: qrCode(),
    settings: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Instance' });

export const createInstanceBody = z.strictObject({
  name: text(120),
  settings: channelSettings.optional(),
  phoneNumber: z
    .string()
    .trim()
    .min(5)
    .max(32)
    .optional()
    .describe('Solo para conectar con un código de letras; si falta, vale el del teléfono conectado'),
});

export const connectQuery = z.object({
  code: z.enum(['qr', 'pairing']).optional().describe('`pairing`: ocho letras que se escriben en el teléfono'),
});

export const connection = z.object({
  instance: z.object({ id: uuid(), status: z.enum(CHANNEL_STATUSES), statusReason: z.string().nullable() }),
  qrCode: qrCode(),
  pairingCode: z.string().nullable(),
  qrExpiresAt: isoTime().nullable(),
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
  lastDisconnectionAt: isoTime().nullable(),
  lastDisconnectionReason: z.string().nullable(),
  health: z.object({
    healthy: z.boolean(),
    responseTimeMs: z.number().int().nullable(),
    lastCheckAt: isoTime().nullable(),
  }),
});

export const instanceParams = z.strictObject({ instanceId: uuid() });
