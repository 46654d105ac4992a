import { z } from 'zod';
import { isoTime, uuid } from '../primitives.ts';

export const PROVIDERS = ['meta', 'evolution', 'wppconnect'] as const;
export const CHANNEL_STATUSES = ['disconnected', 'connecting', 'qr', 'connected', 'error'] as const;

/** What a person links a phone with: an image to scan, or letters to type on the phone. */
export const linkCode = z.object({
  qr: z.string().nullable().describe('A PNG as a data URL'),
  pairingCode: z.string().nullable(),
  expiresAt: isoTime(),
});
export type ShownLinkCode = z.infer<typeof linkCode>;

/** What the connector itself reads of a channel's settings; others are the tenant's own. */
export const channelSettings = z.looseObject({
  groupMessages: z.enum(['store', 'ignore']).optional().describe('Messages of groups; they are stored unless said'),
  aiInGroups: z.boolean().optional().describe('The AI may answer in groups; it is silent unless said'),
  readReceipts: z
    .enum(['replies', 'reads', 'never'])
    .optional()
    .describe('When a customer sees that a message was read: also by an answer, only when a person reads, never'),
});

/** A channel without its credentials: those never leave the connector. */
/** Whether messages go out, as the provider judges the number and what it belongs to. */
const standing = z.object({
  canSend: z.string().describe('AVAILABLE, LIMITED or BLOCKED: the worst of its parts'),
  problems: z
    .array(
      z.object({
        entity: z.string().describe('PHONE_NUMBER, WABA, BUSINESS, APP'),
        canSend: z.string(),
        code: z.string().nullable(),
        text: z.string(),
        solution: z.string().nullable(),
      }),
    )
    .describe('At most 20'),
});
export type NumberStanding = z.infer<typeof standing>;

export const channel = z
  .object({
    id: uuid(),
    name: z.string(),
    provider: z.enum(PROVIDERS),
    phone: z.string().nullable().describe('E.164'),
    status: z.enum(CHANNEL_STATUSES),
    key: z.string().describe('Short unguessable name, unique (saas: instanceKey)'),
    settings: z.record(z.string(), z.unknown()),
    dailyMessageLimit: z.number().int().nullable(),
    ratePerMinute: z.number().int().nullable(),
    /** The provider's own id of the number. */
    providerId: z.string().nullable(),
    lastConnectedAt: isoTime().nullable(),
    lastError: z.string().nullable(),
    sentTotal: z.number().int(),
    receivedTotal: z.number().int(),
    createdAt: isoTime(),
    updatedAt: isoTime(),
    // A connector of the version before gives none of these.
    health: z
      .object({
        ok: z.boolean(),
        responseMs: z.number().int().nullable().describe('Of the last check; null when there was no answer'),
        checkedAt: isoTime().nullable(),
      })
      .optional()
      .describe('What the last check found. A list never asks the provider'),
    webhookUrl: z.string().nullable().optional().describe("Where the tenant wants the number's events"),
    statusAt: isoTime().nullable().optional().describe('Since when it has its status'),
    lost: z
      .object({ at: isoTime(), reason: z.string().nullable() })
      .nullable()
      .optional()
      .describe('When and why it stopped working last'),
    profile: z
      .object({ name: z.string().nullable(), pictureUrl: z.string().nullable() })
      .nullable()
      .optional()
      .describe('Of a linked phone'),
    facts: z
      .object({
        quality: z.string().nullable(),
        messagingLimit: z.string().nullable(),
        throughput: z.string().nullable(),
        verifiedName: z.string().nullable(),
        codeVerification: z
          .string()
          .nullable()
          .optional()
          .describe('Whether the number was proved by a code to its phone'),
        standing: standing.nullable().optional().describe('What it says of sending'),
      })
      .nullable()
      .optional()
      .describe("What the provider told of the number last, in the provider's words"),
    templatesError: z
      .string()
      .nullable()
      .optional()
      .describe('Why the templates of its account could not be read last; null when they could'),
    code: linkCode.nullable().optional().describe('While the phone waits to be linked, for those who may link it'),
    removedAt: isoTime().nullable().optional().describe('Set when it was removed: only `ids` finds it then'),
  })
  .meta({ id: 'Channel' });
export type Channel = z.infer<typeof channel>;
