import type { Channel, Template } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, time } from './base.ts';

/** `begin` links a phone, `stop` ends an attempt, `unlink` logs out, `remove` deletes all. */
export type LinkOrder = 'begin' | 'stop' | 'unlink' | 'remove';

type NumberFacts = NonNullable<Channel['facts']>;

/** Numbers that messages come in and go out on. */
export const channels = schema.table(
  'channels',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    provider: text('provider').$type<Channel['provider']>().notNull(),
    /** E.164. */
    phone: text('phone'),
    status: text('status').$type<Channel['status']>().notNull(),
    /** Short unguessable name. */
    key: text('key').notNull(),
    settings: jsonb('settings').$type<Record<string, unknown>>().notNull().default({}),
    dailyMessageLimit: integer('daily_message_limit'),
    ratePerMinute: integer('rate_per_minute'),
    /** The provider's id of the number, held by one channel alone: its credentials proved it. */
    providerId: text('provider_id'),
    /** The provider's id that the tenant named; what the check asks for. */
    claimedProviderId: text('claimed_provider_id'),
    /**
     * When the tenant last connected the number by hand: of two tenants with a good token, the
     * later claim holds it.
     */
    claimedAt: time('claimed_at'),
    /** The provider's id of the account that has the number; it or a proved webhook named it. */
    accountId: text('account_id'),
    /** When reading the account's templates was last ordered, and when it last ended. */
    templatesAskedAt: time('templates_asked_at'),
    templatesReadAt: time('templates_read_at'),
    /** Why it last failed; null when it did not. */
    templatesError: text('templates_error'),
    /** When its kept messages were last asked for, and until when they were read. */
    historyOrderedAt: time('history_ordered_at'),
    historyReadAt: time('history_read_at'),
    /** Keyed digest of the verify token: finds the channel when the path names none. */
    verifyTokenDigest: text('verify_token_digest'),
    /** When the tenant was last notified that its number receives more than its plan allows. */
    inboundLimitedAt: time('inbound_limited_at'),
    /**
     * JSON of tokens and secrets, sealed under RECADO_SECRETS_KEYS with the channel's id as
     * context.
     */
    credentials: text('credentials').notNull(),
    lastConnectedAt: time('last_connected_at'),
    lastError: text('last_error'),
    /** When the provider was last asked whether the credentials work. */
    checkedAt: time('checked_at'),
    /** Milliseconds the provider took to answer the last check; null when it gave no answer. */
    responseMs: integer('response_ms'),
    /** Why the last check found no working number; null when it did. */
    checkError: text('check_error'),
    /** The provider stopped the number: nothing is sent before this time. */
    blockedUntil: time('blocked_until'),
    statusAt: time('status_at'),
    /** When and why a working number stopped to work last. */
    lostAt: time('lost_at'),
    lostReason: text('lost_reason'),
    /** What is to be done at the provider about the link of a phone, until the provider took it. */
    linkOrder: text('link_order').$type<LinkOrder>(),
    /** When that, or a look at the link, is due; also the lease of who does it. */
    linkDueAt: time('link_due_at'),
    /** When a person began to link; null once that ended. */
    linkBegunAt: time('link_begun_at'),
    linkTries: integer('link_tries').notNull().default(0),
    /** E.164: wanted for a code to type. */
    linkPairWith: text('link_pair_with'),
    linkCode: jsonb('link_code').$type<{ qr: string | null; pairingCode: string | null }>(),
    linkCodeUntil: time('link_code_until'),
    /** What the provider told of the number at the last check. */
    facts: jsonb('facts').$type<NumberFacts>(),
    /** Of a linked phone. */
    profile: jsonb('profile').$type<{ name: string | null; pictureUrl: string | null }>(),
    /** By kind of report the time of the latest, ISO 8601: an older word changes nothing. */
    reportedAt: jsonb('reported_at').$type<Record<string, string>>().notNull().default({}),
    /** Where the tenant wants the number's events. */
    webhookUrl: text('webhook_url'),
    /** Removed by its tenant: the row stays, because conversations show its name and phone. */
    removedAt: time('removed_at'),
    /** The phone of a removed number; `phone` is free for another channel. */
    removedPhone: text('removed_phone'),
    /**
     * Counted in memory and added each second: a kill loses a second of counting, never a message.
     */
    sentTotal: bigint('sent_total', { mode: 'number' }).notNull().default(0),
    receivedTotal: bigint('received_total', { mode: 'number' }).notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // Webhooks come with the id alone.
    uniqueIndex('channels_id').on(t.id),
    uniqueIndex('channels_key').on(t.key),
    uniqueIndex('channels_phone').on(t.tenantId, t.phone),
    // Across tenants on purpose: webhooks name only this id, so it can lead to one channel alone.
    uniqueIndex('channels_provider_id').on(t.provider, t.providerId),
    index('channels_verify_token').on(t.verifyTokenDigest),
    // What concerns an account concerns its numbers.
    index('channels_account').on(t.provider, t.accountId),
    // For those whose templates are read next.
    index('channels_templates').on(t.templatesAskedAt).where(sql`${t.status} = 'connected'`),
    // For those whose messages are compared next.
    index('channels_history').on(t.historyOrderedAt).where(sql`${t.status} = 'connected'`),
    // For the check of those that don't work.
    index('channels_ailing').on(t.checkedAt).where(sql`${t.status} in ('connecting', 'error')`),
    index('channels_link_due').on(t.linkDueAt).where(sql`${t.linkDueAt} is not null`),
    // For the check of those that work.
    index('channels_working').on(t.checkedAt).where(sql`${t.status} = 'connected'`),
  ],
);

/** When the provider was last asked for a group in which a person wrote. */
export const groupLookUps = schema.table(
  'group_look_ups',
  {
    tenantId: uuid('tenant_id').notNull(),
    channelId: uuid('channel_id').notNull(),
    groupId: text('group_id').notNull(),
    orderedAt: time('ordered_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.channelId, t.groupId] }),
    index('group_look_ups_age').using('brin', t.orderedAt),
  ],
);

/** Message templates of an account, in one language each. Drafts are known here alone. */
export const templates = schema.table(
  'templates',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    provider: text('provider').$type<Channel['provider']>().notNull(),
    accountId: text('account_id').notNull(),
    /** Null for a draft. */
    providerTemplateId: text('provider_template_id'),
    name: text('name').notNull(),
    language: text('language').notNull(),
    category: text('category').$type<Template['category']>().notNull(),
    previousCategory: text('previous_category').$type<Template['category']>(),
    nextCategory: text('next_category').$type<Template['category']>(),
    status: text('status').$type<Template['status']>().notNull(),
    reason: text('reason'),
    quality: text('quality').$type<Template['quality']>().notNull().default('unknown'),
    parameterFormat: text('parameter_format').$type<Template['parameterFormat']>().notNull(),
    components: jsonb('components').$type<Template['components']>().notNull(),
    /** The provider's time of what was last told of it: an older word changes nothing. */
    toldAt: time('told_at'),
    syncedAt: time('synced_at'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('templates_name').on(t.tenantId, t.provider, t.accountId, t.name, t.language),
    // Lists go by name.
    index('templates_list').on(t.tenantId, t.name, t.language, t.id),
  ],
);
