import { z } from 'zod';

const id = z.string().regex(/^\d{1,30}$/, 'digits only');

export const mailQuerySchema = z.strictObject({ to: z.string().max(320).optional() });

export const receiverPlanSchema = z.strictObject({
  status: z.number().int().min(200).max(599).default(204),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().max(1_000_000).default(''),
  delayMs: z.number().int().min(0).max(600_000).default(0),
  fault: z.enum(['none', 'hang', 'reset', 'drip']).default('none'),
  times: z.number().int().min(1).nullable().default(null),
});
export type ReceiverPlanInput = z.input<typeof receiverPlanSchema>;

export const numberSchema = z.strictObject({
  phoneNumberId: id,
  displayPhoneNumber: z.string().min(5).max(40),
  wabaId: id,
  accessToken: z.string().min(1).max(1000),
  appSecret: z.string().min(1).max(200),
  webhookUrl: z.url().nullable().default(null),
  verifyToken: z.string().max(500).nullable().default(null),
  verifiedName: z.string().min(1).max(200).default('Sandbox number'),
  /** What Embedded Signup gave the browser; it is exchanged for the access token once. */
  signupCode: z.string().min(1).max(2000).nullable().default(null),
  /** Other than VERIFIED: a code must be asked for. NOT_VERIFIED: it is not registered either. */
  codeVerificationStatus: z.enum(['NOT_VERIFIED', 'VERIFIED', 'EXPIRED']).default('VERIFIED'),
  /** The PIN of its two-step verification. */
  registeredPin: z
    .string()
    .regex(/^\d{6}$/)
    .nullable()
    .default(null),
  /** Its `status` at Meta, such as BANNED or FLAGGED; null: by its registration. */
  status: z
    .string()
    .regex(/^[A-Z_]{1,40}$/)
    .nullable()
    .default(null),
  /** What is wrong with it, or with what it belongs to: parts of its `health_status`. */
  health: z
    .array(
      z.strictObject({
        entity: z.enum(['PHONE_NUMBER', 'WABA', 'BUSINESS', 'APP']),
        canSendMessage: z.enum(['LIMITED', 'BLOCKED']),
        errors: z
          .array(z.strictObject({ code: z.number().int(), description: z.string(), solution: z.string() }))
          .default([]),
        info: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  /** Calls the webhook's address with hub.challenge, as Meta does when a webhook is set. */
  verify: z.boolean().default(false),
});

export const mediaSchema = z.strictObject({
  mimeType: z.string().min(3).max(200).optional(),
  /** The file's bytes; a small file of the right type stands in when left out. */
  base64: z.base64().optional(),
  filename: z.string().max(240).optional(),
});

const kinds = [
  'text',
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contacts',
  'reaction',
  'button',
  'list_reply',
  'button_reply',
  'nfm_reply',
  'call_permission_reply',
  'order',
  'system',
  'unsupported',
  'edit',
  'revoke',
  'raw',
] as const;
export type CustomerKind = (typeof kinds)[number];

export const customerMessageSchema = z.strictObject({
  /** `null` for customers who show a user name only; `userId` identifies them then. */
  from: z.string().min(1).max(40).nullable(),
  userId: z.string().max(200).optional(),
  username: z.string().max(100).optional(),
  name: z.string().max(200).optional(),
  /** The group it is written in; Meta's ids are opaque. */
  group: z
    .strictObject({ id: z.string().min(1).max(200), name: z.string().max(200).default('Sandbox group') })
    .optional(),
  kind: z.enum(kinds).default('text'),
  /** The text; a caption on media; the title on buttons and replies; the emoji of a reaction. */
  text: z.string().max(65_536).optional(),
  /** Given ids make repeats possible. */
  id: z.string().min(1).max(300).optional(),
  /** Seconds since 1970; now when left out. */
  timestamp: z.number().int().min(0).optional(),
  media: mediaSchema.optional(),
  voice: z.boolean().optional(),
  animated: z.boolean().optional(),
  /** Id of a reply's button or row, or a button's payload. */
  replyId: z.string().max(300).optional(),
  description: z.string().max(300).optional(),
  /** The message this one answers, reacts to, edits or takes back. */
  replyTo: z.string().max(300).optional(),
  forwarded: z.boolean().optional(),
  referral: z.record(z.string(), z.unknown()).optional(),
  /** Fields put over the object of the kind; with `raw`, over the whole message. */
  content: z.record(z.string(), z.unknown()).optional(),
});
export type CustomerMessage = z.input<typeof customerMessageSchema>;
export type CustomerMessageInput = z.output<typeof customerMessageSchema>;

const signature = z.enum(['valid', 'wrong', 'none']);

const posting = {
  /** Answers only when the webhook was accepted or given up. */
  wait: z.boolean().default(false),
  signature: signature.default('valid'),
  /** False: one try only. */
  retry: z.boolean().default(true),
};

export const customerSaysSchema = customerMessageSchema.extend({
  phoneNumberId: id,
  wait: posting.wait,
});

export const customerBatchSchema = z.strictObject({
  phoneNumberId: id,
  messages: z.array(customerMessageSchema).max(2000).default([]),
  /** Status objects as Meta writes them; `timestamp` is added when left out. */
  statuses: z.array(z.record(z.string(), z.unknown())).max(2000).default([]),
  /** Values of other webhook fields. */
  fields: z
    .array(z.strictObject({ field: z.string(), value: z.record(z.string(), z.unknown()) }))
    .max(100)
    .default([]),
  itemsPerChange: z.number().int().min(1).max(2000).default(4),
  /** How many times the same bytes are posted. */
  repeat: z.number().int().min(1).max(100).default(1),
  ...posting,
});

const templateCategory = z.enum(['MARKETING', 'UTILITY', 'AUTHENTICATION']);

/** What happens to a template at Meta; each part is told by its own webhook. */
export const templateEventSchema = z.strictObject({
  wabaId: id,
  name: z.string().min(1).max(512),
  language: z.string().min(2).max(16),
  event: z
    .enum([
      'APPROVED',
      'REJECTED',
      'PENDING',
      'PAUSED',
      'DISABLED',
      'FLAGGED',
      'IN_APPEAL',
      'REINSTATED',
      'LIMIT_EXCEEDED',
      'ARCHIVED',
      'UNARCHIVED',
      'LOCKED',
      'UNLOCKED',
      'PENDING_DELETION',
      'DELETED',
    ])
    .optional(),
  reason: z.string().max(500).optional(),
  quality: z.enum(['GREEN', 'YELLOW', 'RED', 'UNKNOWN']).optional(),
  /** It has this category now. */
  category: templateCategory.optional(),
  /** It will have this category in a day. */
  correctCategory: templateCategory.optional(),
  components: z.array(z.record(z.string(), z.unknown())).min(1).max(20).optional(),
});

export const rawWebhookSchema = z.strictObject({
  phoneNumberId: id,
  body: z.unknown(),
  ...posting,
});

export const floodSchema = z.strictObject({
  phoneNumberId: id,
  perSecond: z.number().min(0.1).max(50_000),
  seconds: z
    .number()
    .min(0.1)
    .max(24 * 3600),
  /** How many customers take turns. Below 100,000 so that no flood meets a magic number. */
  customers: z.number().int().min(1).max(100_000).default(100),
  /** First digits of the customers' numbers; eight digits follow. */
  prefix: z
    .string()
    .regex(/^\d{2,7}$/)
    .default('55119'),
  text: z.string().min(1).max(4000).default('flood'),
});

export const scriptSchema = z.strictObject({
  /**
   * Answers a call whose last user message or system prompt contains this; every call when left
   * out.
   */
  match: z.string().max(1000).optional(),
  reply: z.string().max(100_000).optional(),
  toolCalls: z
    .array(
      z.strictObject({
        name: z.string(),
        arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).default({}),
      }),
    )
    .max(20)
    .optional(),
  error: z.number().int().min(400).max(599).optional(),
  fault: z.enum(['timeout', 'malformed', 'reset']).optional(),
  delayMs: z.number().int().min(0).max(600_000).default(0),
  /** How many calls it answers; `null` for ever. */
  times: z.number().int().min(1).nullable().default(1),
});

export const resetSchema = z.strictObject({
  /** Forgets the registered numbers too. */
  numbers: z.boolean().default(false),
  ledger: z.boolean().default(true),
});

export const ledgerQuerySchema = z.strictObject({
  since: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(10_000).optional(),
  provider: z.string().optional(),
  phoneNumberId: z.string().optional(),
  to: z.string().optional(),
  from: z.string().optional(),
  wamid: z.string().optional(),
  id: z.string().optional(),
  messageId: z.string().optional(),
  bizOpaqueCallbackData: z.string().optional(),
  status: z.string().optional(),
  reply: z.string().optional(),
});

export type NumberInput = z.input<typeof numberSchema>;
export type CustomerSays = z.input<typeof customerSaysSchema>;
export type CustomerBatch = z.input<typeof customerBatchSchema>;
export type RawWebhook = z.input<typeof rawWebhookSchema>;
export type TemplateEvent = z.output<typeof templateEventSchema>;
export type TemplateEventInput = z.input<typeof templateEventSchema>;
export type FloodInput = z.input<typeof floodSchema>;
export type ScriptInput = z.input<typeof scriptSchema>;
export type ScriptEntry = z.output<typeof scriptSchema>;
export type ResetInput = z.input<typeof resetSchema>;
export type LedgerFilter = z.output<typeof ledgerQuerySchema>;
