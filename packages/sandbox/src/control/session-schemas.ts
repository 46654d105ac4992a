import { z } from 'zod';
import { webProviders } from '../ledger/rows.ts';
import { mediaSchema } from './schemas.ts';

const digits = z.string().regex(/^\d{5,25}$/, 'digits only');

const sessionKinds = [
  'text',
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contacts',
  'reaction',
  'button_reply',
  'list_reply',
  'poll_vote',
  'edit',
  'revoke',
  'call',
  'raw',
] as const;

export const sessionParamsSchema = z.strictObject({
  provider: z.enum(webProviders),
  name: z.string().min(1).max(200),
});

/** A message from or to a customer, as the linked phone sees it. */
export const sessionMessageSchema = z.strictObject({
  /** The customer's phone. */
  from: digits,
  /** The customer's hidden address, when WhatsApp uses it. */
  lid: digits.optional(),
  /**
   * How such a sender shows: `swapped` as the phone (Evolution 2.3.7), `alt` with the phone beside,
   * `alone` without a phone.
   */
  lidShape: z.enum(['swapped', 'alt', 'alone']).default('alt'),
  name: z.string().max(200).optional(),
  group: z.strictObject({ id: digits, name: z.string().max(200).default('Sandbox group') }).optional(),
  kind: z.enum(sessionKinds).default('text'),
  /** The text; a caption on media; the title on replies; the emoji of a reaction. */
  text: z.string().max(65_536).optional(),
  /** Given ids make repeats possible. */
  id: z.string().min(1).max(300).optional(),
  /** Seconds since 1970; now when left out. */
  timestamp: z.number().int().min(0).optional(),
  media: mediaSchema.optional(),
  voice: z.boolean().default(true),
  /** Id of a reply's button or row. */
  replyId: z.string().max(300).optional(),
  /** The message this one answers, reacts to, edits or takes back. */
  replyTo: z.string().max(300).optional(),
  /** Whether that message was ours. */
  replyToOurs: z.boolean().default(true),
  /** Typed on the linked phone itself. */
  fromMe: z.boolean().default(false),
  /** With `raw` the whole message; else fields put over it. */
  content: z.record(z.string(), z.unknown()).optional(),
  /** Its event is lost: only what the server keeps has it. */
  unheard: z.boolean().default(false),
  /** Answers only when the event was accepted or given up. */
  wait: z.boolean().default(false),
});
export type SessionMessage = z.input<typeof sessionMessageSchema>;
export type SessionMessageInput = z.output<typeof sessionMessageSchema>;

export const scanSchema = z.strictObject({
  phone: digits.default('5511940000000'),
  profileName: z.string().max(200).default('Sandbox phone'),
});
export type ScanInput = z.input<typeof scanSchema>;

/** `logout`: on the phone. `network`: comes back by itself. */
export const disconnectSchema = z.strictObject({
  reason: z.enum(['logout', 'banned', 'network', 'replaced']).default('logout'),
});
export type DisconnectInput = z.input<typeof disconnectSchema>;

export const sessionEventSchema = z.strictObject({
  event: z.string().min(1).max(100),
  data: z.unknown(),
  wait: z.boolean().default(false),
});
export type SessionEvent = z.input<typeof sessionEventSchema>;

export interface SessionView {
  provider: z.infer<typeof sessionParamsSchema>['provider'];
  name: string;
  state: string;
  phone: string | null;
  /** The code a phone would scan now. */
  qr: string | null;
  pairingCode: string | null;
  webhookUrl: string | null;
}
