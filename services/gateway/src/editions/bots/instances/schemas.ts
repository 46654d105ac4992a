import { isoTime, oneOrMore, text, uuid, withCode } from '@recado/contracts';
import { z } from 'zod';
import { paged, pageQuery } from '../common/schemas.ts';
import { FIELD } from '../texts.ts';

export const INSTANCE_STATUSES = ['active', 'inactive', 'connecting'] as const;

export const instanceParams = z.strictObject({ id: uuid() });

export const instancesQuery = z.object({
  ...pageQuery(10),
  status: z.enum(INSTANCE_STATUSES).optional(),
});

const webhookUrl = z.url({ protocol: /^https?$/, ...withCode('url') }).max(2048);
const digits = z.string().regex(/^\d{3,32}$/);

const instanceWithToken = z.strictObject({
  name: text(120),
  provider: z.literal('meta'),
  webhookUrl: webhookUrl.nullable().optional(),
  phoneNumber: z.string().trim().min(5).max(32),
  phoneNumberId: digits.describe('El id del número en Meta'),
  businessAccountId: digits.optional(),
  accessToken: z.string().min(1).max(1024),
  appSecret: z.string().min(8).max(256).optional(),
  verifyToken: z.string().min(1).max(256),
});

const phone = z.string().trim().min(5).max(32).optional().describe('Si falta, el del teléfono que se conecta');
const serverUrl = z.url({ protocol: /^https?$/, ...withCode('url') }).max(500);
const key = z.string().min(1).max(1024);
const linked = { name: text(120), webhookUrl: webhookUrl.nullable().optional(), phoneNumber: phone };
const place = 'Sin `serverUrl`, en el servidor de la instalación';

const linkedInstance = z
  .strictObject({
    ...linked,
    provider: z.literal('evolution').optional().describe(`Se conecta con un código QR. ${place}`),
    serverUrl: serverUrl.optional(),
    instanceName: z.string().min(1).max(100).optional(),
    apiKey: key.optional(),
  })
  .refine(...allOrNone('serverUrl', 'instanceName', 'apiKey'));

const linkedSession = z
  .strictObject({
    ...linked,
    provider: z.literal('wppconnect').describe(`Se conecta con un código QR. ${place}`),
    serverUrl: serverUrl.optional(),
    sessionName: z.string().min(1).max(100).optional(),
    apiKey: key.optional().describe('La clave secreta del servidor, o el token de la sesión'),
  })
  .refine(...allOrNone('serverUrl', 'sessionName', 'apiKey'));

/** One member for each provider that this build connects; the first linked one is the default. */
export const createInstanceBody = z.discriminatedUnion('provider', [instanceWithToken, linkedInstance, linkedSession], {
  error: FIELD.providers,
});

/** A server of one's own is named whole. */
function allOrNone(
  ...names: string[]
): [(body: object) => boolean, ReturnType<typeof withCode> & { path: PropertyKey[] }] {
  const check = (body: object) => new Set(names.map((one) => one in body)).size === 1;
  return [check, { ...withCode('required'), path: [names[0]!] }];
}

export const updateInstanceBody = z
  .strictObject({ name: text(120), webhookUrl: webhookUrl.nullable() })
  .partial()
  .refine(oneOrMore, withCode('no_fields'));

export const instance = z
  .object({
    id: uuid(),
    name: z.string(),
    phoneNumber: z.string().nullable(),
    status: z.enum(INSTANCE_STATUSES),
    statusReason: z.string().nullable().describe('Por qué no está activa'),
    qrCode: z.string().nullable(),
    webhookUrl: z.string().nullable(),
    quality: z.string().nullable().describe('Lo que dijo el proveedor del número en la última comprobación'),
    messagingLimit: z.string().nullable(),
    codeVerification: z.string().nullable().describe('Si se verificó con un código, según el proveedor'),
    templatesError: z.string().nullable().describe('Por qué no se pudieron leer sus plantillas la última vez'),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'Instance' });

export const instancesPage = paged(instance);
