import { CHANNEL_STATUSES, isoTime, oneOrMore, PROVIDERS, text, uuid, withCode } from '@recado/contracts';
import { z } from 'zod';
import { campaignName } from '../common/schemas.ts';
import { FIELD } from '../texts.ts';

export const NUMBER_STATUSES = ['pending', 'active', 'inactive', 'error'] as const;

const digits = z.string().regex(/^\d{3,32}$/, FIELD.notDigits);

const numberWithToken = z.strictObject({
  provider: z.literal('meta'),
  phone_number: z.string().trim().min(5).max(32),
  display_name: text(120),
  meta_phone_number_id: digits,
  meta_business_account_id: digits.optional(),
  meta_access_token: z.string().min(1).max(1024).optional().describe('O `meta_signup_code`'),
  meta_signup_code: z
    .string()
    .min(1)
    .max(2048)
    .optional()
    .describe('El código de Embedded Signup, en lugar de un token; vale una vez'),
  meta_pin: z
    .string()
    .regex(/^\d{6}$/, FIELD.notPin)
    .optional()
    .describe('Con él se registra el número; sin él queda como está (coexistencia)'),
  meta_app_secret: z
    .string()
    .min(8)
    .max(256)
    .optional()
    .describe('Con él se firman los webhooks; sin él vale el de la instalación'),
  webhook_verify_token: z.string().min(1).max(256).optional().describe('Si falta, vale el de la instalación'),
  daily_message_limit: z.number().int().min(1).max(10_000_000).nullable().optional(),
  rate_limit_per_minute: z.number().int().min(1).max(60_000).nullable().optional(),
});

const linked = {
  phone_number: z.string().trim().min(5).max(32).optional().describe('Si falta, el del teléfono que se conecta'),
  display_name: text(120),
  daily_message_limit: z.number().int().min(1).max(10_000_000).nullable().optional(),
  rate_limit_per_minute: z.number().int().min(1).max(60_000).nullable().optional(),
};
const serverUrl = () =>
  z
    .url({ protocol: /^https?$/, ...withCode('url') })
    .max(500)
    .optional();
const name = () => z.string().min(1).max(100).optional();
const key = () => z.string().min(1).max(1024).optional();

const numberOfSession = z
  .strictObject({
    ...linked,
    provider: z.literal('wppconnect').describe('Sin `wppconnect_server_url`, en el servidor de la instalación'),
    wppconnect_session_name: name(),
    wppconnect_server_url: serverUrl(),
    wppconnect_api_key: key().describe('La clave secreta del servidor, o el token de la sesión'),
  })
  .refine(...allOrNone('wppconnect_server_url', 'wppconnect_session_name', 'wppconnect_api_key'));

const numberOfInstance = z
  .strictObject({
    ...linked,
    provider: z.literal('evolution').describe('Sin `evolution_server_url`, en el servidor de la instalación'),
    evolution_instance_name: name(),
    evolution_server_url: serverUrl(),
    evolution_api_key: key().describe('La clave del servidor, o el token de la instancia'),
  })
  .refine(...allOrNone('evolution_server_url', 'evolution_instance_name', 'evolution_api_key'));

/** A server of one's own is named whole. */
function allOrNone(
  ...names: string[]
): [(body: object) => boolean, ReturnType<typeof withCode> & { path: PropertyKey[] }] {
  const check = (body: object) => new Set(names.map((one) => one in body)).size === 1;
  return [check, { ...withCode('required'), path: [names[0]!] }];
}

/** What may change of a number. Its phone and its provider's id are what it is. */
export const updateNumberBody = numberWithToken
  .pick({
    display_name: true,
    daily_message_limit: true,
    rate_limit_per_minute: true,
    meta_business_account_id: true,
    meta_access_token: true,
    meta_app_secret: true,
    webhook_verify_token: true,
  })
  .extend({
    wppconnect_server_url: serverUrl(),
    wppconnect_api_key: key(),
    evolution_server_url: serverUrl(),
    evolution_api_key: key(),
    settings: z.strictObject({
      group_messages: z.enum(['store', 'ignore']).optional().describe('Los mensajes de grupos: se guardan o se omiten'),
      ai_in_groups: z.boolean().optional().describe('La IA puede responder en los grupos'),
      read_receipts: z
        .enum(['replies', 'reads', 'never'])
        .optional()
        .describe('El cliente ve que se leyó: también al responder, solo al leer, o nunca'),
    }),
  })
  .partial()
  .refine(oneOrMore, withCode('no_fields'));

export const createNumberBody = z.discriminatedUnion('provider', [numberWithToken, numberOfSession, numberOfInstance], {
  error: FIELD.providers,
});

const statusReason = () =>
  z.string().nullable().describe('Por qué no está activo. Un número que su token no pudo probar no recibe ni envía');

export const createdNumber = z
  .object({
    id: uuid(),
    phone_number: z.string().nullable(),
    provider: z.enum(PROVIDERS),
    status: z.enum(NUMBER_STATUSES),
    status_reason: statusReason(),
    webhook_url: z.string().optional().describe('El de un teléfono conectado por QR lo registra Recado'),
    qr_code: z
      .string()
      .nullable()
      .optional()
      .describe('Imagen para escanear; cada nueva: `GET /whatsapp-numbers/:id/qr`'),
    wppconnect_qr_code: z.string().nullable().optional(),
    message: z.string().optional(),
    created_at: isoTime(),
  })
  .meta({ id: 'CreatedNumber' });

export const requestCodeBody = z.strictObject({
  method: z.enum(['sms', 'voice']),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(?:_[A-Z]{2})?$/, withCode('template_language'))
    .default('es')
    .describe('El idioma del mensaje o de la llamada, como `es` o `pt_BR`'),
});

const sixDigits = () => z.string().regex(/^\d{6}$/, FIELD.notPin);

export const verifyCodeBody = z.strictObject({
  code: sixDigits().describe('El que recibió el teléfono, sin guion'),
  pin: sixDigits().optional().describe('El de la verificación en dos pasos; sin él, Recado guarda uno'),
});

export const codeSent = z.object({ message: z.string() });

export const numberQr = z
  .object({
    qr_code: z.string().nullable().describe('null: todavía no hay; pida otra vez en un segundo'),
    pairing_code: z.string().nullable(),
    expires_at: isoTime().nullable(),
    connection_status: z.enum(CHANNEL_STATUSES),
  })
  .meta({ id: 'WhatsappNumberQr' });

export const numbersQuery = z.object({
  status: z.enum(NUMBER_STATUSES).optional(),
  provider: z.enum(PROVIDERS).optional(),
});

const health = z.object({
  is_healthy: z.boolean().describe('Conectado, y la última comprobación lo confirmó'),
  response_time_ms: z.number().int().nullable().describe('Lo que tardó el proveedor; null si no respondió'),
  last_check_at: isoTime().nullable(),
  can_send_message: z
    .string()
    .nullable()
    .describe('Lo que dice el proveedor: AVAILABLE, LIMITED o BLOCKED; null si no lo dice'),
  issues: z
    .array(
      z.object({
        entity_type: z.string().describe('PHONE_NUMBER, WABA, BUSINESS o APP'),
        can_send_message: z.string(),
        code: z.string().nullable(),
        description: z.string(),
        possible_solution: z.string().nullable(),
      }),
    )
    .describe('Qué lo limita o bloquea, en palabras del proveedor'),
});

export const numberState = z
  .object({
    id: uuid(),
    status: z.enum(NUMBER_STATUSES),
    connection_status: z.enum(CHANNEL_STATUSES),
    last_connected_at: isoTime().nullable(),
    last_error: z.string().nullable(),
    status_since: isoTime().nullable(),
    last_disconnected_at: isoTime().nullable(),
    last_disconnect_reason: z.string().nullable(),
    health,
  })
  .meta({ id: 'WhatsappNumberStatus' });

export const number = z
  .object({
    id: uuid(),
    phone_number: z.string().nullable(),
    display_name: z.string(),
    provider: z.enum(PROVIDERS),
    status: z.enum(NUMBER_STATUSES),
    connection_status: z.enum(CHANNEL_STATUSES),
    status_reason: statusReason(),
    last_connected_at: isoTime().nullable(),
    quality_rating: z.string().nullable().describe('Lo que dijo el proveedor en la última comprobación'),
    messaging_limit_tier: z.string().nullable(),
    throughput_level: z.string().nullable(),
    code_verification_status: z.string().nullable().describe('Si se verificó con un código, según el proveedor'),
    templates_error: z.string().nullable().describe('Por qué no se pudieron leer sus plantillas la última vez'),
    health,
    daily_message_limit: z.number().int().nullable(),
    total_messages_sent: z.number().int(),
    total_messages_received: z.number().int(),
    campaigns: z.array(campaignName),
    settings: z.object({
      group_messages: z.enum(['store', 'ignore']),
      ai_in_groups: z.boolean(),
      read_receipts: z.enum(['replies', 'reads', 'never']),
    }),
    created_at: isoTime(),
  })
  .meta({ id: 'WhatsappNumber' });
