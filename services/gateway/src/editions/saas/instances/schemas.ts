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
    quality: z.string().nullable().describe('Lo que dijo el proveedor del número en la última comprobación'),
    messagingLimit: z.string().nullable(),
    codeVerification: z.string().nullable().describe('Si se verificó con un código, según el proveedor'),
    templatesError: z.string().nullable().describe('Por qué no se pudieron leer sus plantillas la última vez'),
  })
  .meta({ id: 'Instance' });

const { groupMessages, aiInGroups, readReceipts } = channelSettings.shape;
const settings = channelSettings.extend({
  groupMessages: groupMessages.describe('Los mensajes de grupos: se guardan o se omiten'),
  aiInGroups: aiInGroups.describe('La IA puede responder en los grupos'),
  readReceipts: readReceipts.describe('El cliente ve que se leyó: también al responder, solo al leer, o nunca'),
});

export const createInstanceBody = z.strictObject({
  name: text(120),
  settings: settings.optional(),
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
    canSendMessage: z.string().nullable().describe('AVAILABLE, LIMITED o BLOCKED; null si el proveedor no lo dice'),
    issues: z
      .array(
        z.object({
          entityType: z.string(),
          canSendMessage: z.string(),
          code: z.string().nullable(),
          description: z.string(),
          possibleSolution: z.string().nullable(),
        }),
      )
      .describe('Qué lo limita o bloquea, en palabras del proveedor'),
  }),
});

export const instanceParams = z.strictObject({ instanceId: uuid() });
