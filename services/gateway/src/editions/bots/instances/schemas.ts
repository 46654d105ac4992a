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

/** One member for each provider that this build connects. */
export const createInstanceBody = z.discriminatedUnion('provider', [instanceWithToken], { error: FIELD.providers });

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
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'Instance' });

export const instancesPage = paged(instance);
