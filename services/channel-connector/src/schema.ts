import type {
  AboutMessage,
  Channel,
  FileForm,
  MessageDetails,
  OutboundContent,
  RecipientAddress,
  StoredFile,
  Template,
} from '@recado/contracts';
import { callKeysTable, tenantsTable } from '@recado/database/tables';
import { jobsTables } from '@recado/jobs/tables';
import { messagingTables } from '@recado/messaging/tables';
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Outcome } from './providers/outcome.ts';

export const schema = pgSchema('channel_connector');

/** `begin` links a phone, `stop` ends an attempt, `unlink` logs out, `remove` deletes all. */
export type LinkOrder = 'begin' | 'stop' | 'unlink' | 'remove';

type NumberFacts = NonNullable<Channel['facts']>;

const time = (name: string) => timestamp(name, { withTimezone: true });

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

/**
 * One row for each outbound message; its id is the message's, so there can't be two. It must
 * outlive the streams (72 h): it absorbs repeats.
 */
export const dispatches = schema.table(
  'dispatches',
  {
    tenantId: uuid('tenant_id').notNull(),
    /** The message's id; also what the provider echoes (biz_opaque_callback_data). */
    messageId: uuid('message_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    channelId: uuid('channel_id').notNull(),
    recipient: jsonb('recipient').$type<RecipientAddress>().notNull(),
    type: text('type').notNull(),
    body: text('body').notNull(),
    /** All of the message; null for a text that is no more than its `body`. */
    content: jsonb('content').$type<OutboundContent>(),
    /** The message it quotes or reacts to. */
    about: jsonb('about').$type<AboutMessage>(),
    /** What goes first: 0 a reply to a customer, 1 one of many. */
    rank: smallint('rank').notNull().default(0),
    state: text('state').$type<'queued' | 'sending' | 'sent' | 'failed' | 'uncertain'>().notNull().default('queued'),
    /** Times it went to `sending`. */
    attempts: integer('attempts').notNull().default(0),
    /** Of them, how often the provider refused. */
    refusals: integer('refusals').notNull().default(0),
    dueAt: time('due_at').notNull().defaultNow(),
    /** While `sending`: when its owner counts as dead. */
    leaseUntil: time('lease_until'),
    /**
     * Names the claim that made it `sending`, so that one whose answer was lost can be taken back.
     */
    claimToken: uuid('claim_token'),
    uncertainAt: time('uncertain_at'),
    providerMessageId: text('provider_message_id'),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    /** Orders a conversation's messages. */
    requestedAt: time('requested_at').notNull(),
    traceparent: text('traceparent'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.messageId] }),
    // Of the version before, which knew no ranks.
    index('dispatches_queued').on(t.channelId, t.requestedAt, t.messageId).where(sql`${t.state} = 'queued'`),
    // What a channel has to send: replies before what goes to many, then the oldest.
    index('dispatches_ranked').on(t.channelId, t.rank, t.requestedAt, t.messageId).where(sql`${t.state} = 'queued'`),
    // What a conversation still has ahead of a message.
    index('dispatches_open')
      .on(t.tenantId, t.conversationId, t.requestedAt, t.messageId)
      .where(sql`${t.state} in ('queued', 'sending')`),
    // One send in flight per conversation, even if two copies disagree.
    uniqueIndex('dispatches_in_flight').on(t.tenantId, t.conversationId).where(sql`${t.state} = 'sending'`),
    index('dispatches_lease').on(t.leaseUntil).where(sql`${t.state} = 'sending'`),
    index('dispatches_uncertain').on(t.uncertainAt).where(sql`${t.state} = 'uncertain'`),
  ],
);

/** Each try of a dispatch and its answer; kept for 90 days. */
export const dispatchAttempts = schema.table(
  'dispatch_attempts',
  {
    tenantId: uuid('tenant_id').notNull(),
    messageId: uuid('message_id').notNull(),
    /** From 1, as `attempts` of the dispatch. */
    attempt: integer('attempt').notNull(),
    result: text('result').$type<'sent' | 'retry' | 'failed' | 'uncertain'>().notNull(),
    providerMessageId: text('provider_message_id'),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    /** Null: its process died. */
    startedAt: time('started_at'),
    endedAt: time('ended_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.messageId, t.attempt] }),
    index('dispatch_attempts_age').using('brin', t.endedAt),
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

/** What a channel with a daily limit was given to send on a day of the tenant's time zone. */
export const channelDays = schema.table(
  'channel_days',
  {
    tenantId: uuid('tenant_id').notNull(),
    channelId: uuid('channel_id').notNull(),
    day: date('day').notNull(),
    messages: integer('messages').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.channelId, t.day] })],
);

/**
 * How many customers an account wrote to first in the last 24 hours, if its provider limits that.
 * Its lock makes counting exact.
 */
export const openingCounts = schema.table(
  'opening_counts',
  {
    tenantId: uuid('tenant_id').notNull(),
    /** As ownerOf in dispatches/limits/messaging-limit.ts names it. */
    owner: text('owner').notNull(),
    /** Rows of `openings`. */
    used: integer('used').notNull(),
    sweptAt: time('swept_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.owner] }),
    // Of accounts that send no more: their rows are removed, too.
    index('opening_counts_stale').on(t.sweptAt).where(sql`${t.used} > 0`),
  ],
);

/** Those customers, each once. */
export const openings = schema.table(
  'openings',
  {
    tenantId: uuid('tenant_id').notNull(),
    owner: text('owner').notNull(),
    recipient: text('recipient').notNull(),
    openedAt: time('opened_at').notNull(),
    /** The only message that opened it: when that one fails, it was no opening. */
    messageId: uuid('message_id'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.owner, t.recipient] }),
    index('openings_age').on(t.tenantId, t.owner, t.openedAt),
    index('openings_message').on(t.tenantId, t.messageId).where(sql`${t.messageId} is not null`),
  ],
);

/** Where a tenant wants events to go. */
export const webhookEndpoints = schema.table(
  'webhook_endpoints',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    url: text('url').notNull(),
    /** Names of WEBHOOK_EVENTS; empty is all. */
    eventTypes: text('event_types').array().notNull().default(sql`'{}'`),
    /** Empty: of every channel, and what is about none. */
    channelIds: uuid('channel_ids').array().notNull().default(sql`'{}'`),
    /** The channel whose `webhook_url` it is. */
    channelId: uuid('channel_id'),
    enabled: boolean('enabled').notNull().default(true),
    /** It gets events from then on. */
    enabledAt: time('enabled_at').notNull().defaultNow(),
    disabledReason: text('disabled_reason').$type<'user' | 'gone' | 'failing'>(),
    disabledAt: time('disabled_at'),
    /** Sealed under RECADO_SECRETS_KEYS with the endpoint's id as context. */
    secret: text('secret').notNull(),
    previousSecret: text('previous_secret'),
    previousSecretUntil: time('previous_secret_until'),
    /** Every try since then failed. */
    failingSince: time('failing_since'),
    /** Noted at most once a minute. */
    lastSuccessAt: time('last_success_at'),
    /** It asked for a pause (Retry-After): nothing is sent before. */
    pausedUntil: time('paused_until'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('webhook_endpoints_channel').on(t.tenantId, t.channelId).where(sql`${t.channelId} is not null`),
    // What other copies switched on of late.
    index('webhook_endpoints_enabled').on(t.enabledAt, t.tenantId).where(sql`${t.enabled}`),
  ],
);

/** One row for each event and endpoint; kept for 30 days. */
export const webhookDeliveries = schema.table(
  'webhook_deliveries',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    endpointId: uuid('endpoint_id').notNull(),
    /** The `webhook-id`. */
    eventId: uuid('event_id').notNull(),
    eventType: text('event_type').notNull(),
    /** The bytes that are signed and sent. */
    payload: text('payload').notNull(),
    /** Whom the event is about, so that the log can forget them. */
    contactId: uuid('contact_id'),
    conversationId: uuid('conversation_id'),
    /** When its content was erased with its contact. */
    erasedAt: time('erased_at'),
    status: text('status').$type<'pending' | 'delivered' | 'failed'>().notNull().default('pending'),
    /** Tries of this order; a replay begins anew. */
    tries: integer('tries').notNull().default(0),
    /** The last 20, the oldest first: WebhookAttempt of contracts. */
    attempts: jsonb('attempts').notNull().default([]),
    nextTryAt: time('next_try_at'),
    createdAt: time('created_at').notNull().defaultNow(),
    endedAt: time('ended_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('webhook_deliveries_event').on(t.tenantId, t.endpointId, t.eventId),
    index('webhook_deliveries_log').on(t.tenantId, t.endpointId, t.id),
    index('webhook_deliveries_failed').on(t.tenantId, t.endpointId, t.id).where(sql`${t.status} = 'failed'`),
    index('webhook_deliveries_age').on(t.createdAt),
    index('webhook_deliveries_contact').on(t.tenantId, t.contactId).where(sql`${t.contactId} is not null`),
    index('webhook_deliveries_chat').on(t.tenantId, t.conversationId).where(sql`${t.conversationId} is not null`),
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

/** The last message of each conversation that a person read, and what became of its receipt. */
export const readReceipts = schema.table(
  'read_receipts',
  {
    tenantId: uuid('tenant_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    channelId: uuid('channel_id').notNull(),
    messageId: uuid('message_id').notNull(),
    providerMessageId: text('provider_message_id').notNull(),
    /** Provider ids of messages before it that are to be ticked, too. */
    earlier: jsonb('earlier').$type<string[]>().notNull().default([]),
    recipient: jsonb('recipient').$type<RecipientAddress>().notNull(),
    /** The message's: of two, the later one counts. */
    sentTime: time('sent_time').notNull(),
    readAt: time('read_at').notNull(),
    state: text('state').$type<'due' | 'sent' | 'skipped' | 'failed'>().notNull().default('due'),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.conversationId] }),
    index('read_receipts_age').using('brin', t.updatedAt),
  ],
);

/**
 * Files that users upload and customers send. The bytes are in the storage under names made of
 * tenant and id, so a row is there before its bytes and leads to them.
 */
export const files = schema.table(
  'files',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    /** MIME type, decided by the content. */
    type: text('type').notNull(),
    /** Bytes. */
    size: bigint('size', { mode: 'number' }).notNull(),
    /** What is counted against the plan: the file and what is made of it. */
    storedBytes: bigint('stored_bytes', { mode: 'number' }).notNull().default(0),
    /** Hex. */
    sha256: text('sha256'),
    width: integer('width'),
    height: integer('height'),
    thumbnailType: text('thumbnail_type'),
    playbackType: text('playback_type'),
    state: text('state').$type<StoredFile['state']>().notNull(),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    source: text('source').$type<StoredFile['source']>().notNull(),
    /** Of an inbound file: the message that carries it. */
    channelId: uuid('channel_id'),
    providerMessageId: text('provider_message_id'),
    /** What the provider told of an inbound file; by it the file is fetched. */
    media: jsonb('media').$type<NonNullable<MessageDetails['media']>>(),
    relatedType: text('related_type'),
    relatedId: text('related_id'),
    createdBy: uuid('created_by'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // A message that comes again after days fetches nothing again.
    uniqueIndex('files_message')
      .on(t.tenantId, t.channelId, t.providerMessageId)
      .where(sql`${t.providerMessageId} is not null`),
    // For the sweep of uploads that were never confirmed.
    index('files_unconfirmed').on(t.createdAt).where(sql`${t.state} = 'uploaded'`),
  ],
);

/** Files that were brought to providers which keep them, by number and form. */
export const providerFiles = schema.table(
  'provider_files',
  {
    tenantId: uuid('tenant_id').notNull(),
    channelId: uuid('channel_id').notNull(),
    fileId: uuid('file_id').notNull(),
    form: text('form').$type<FileForm>().notNull(),
    /** Null until it is there. */
    providerFileId: text('provider_file_id'),
    expiresAt: time('expires_at'),
    /** How the last try to bring it there ended, when that was badly; told once. */
    failure: jsonb('failure').$type<Exclude<Outcome<string>, { kind: 'ok' }>>(),
    /** A job brings it there; after a while another may be ordered. */
    orderedAt: time('ordered_at'),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.fileId, t.channelId, t.form] }),
    index('provider_files_expired').on(t.expiresAt),
  ],
);

/** What a tenant's files take of its plan. */
export const fileUsage = schema.table('file_usage', {
  tenantId: uuid('tenant_id').primaryKey(),
  bytes: bigint('bytes', { mode: 'number' }).notNull(),
});

/** Plan and time zone of tenants. */
export const tenants = tenantsTable(schema);

export const callKeys = callKeysTable(schema);

export const { jobs } = jobsTables(schema);

export const { outbox, outboxKeys, inbox, deadLetters, relayState, deliveryTries } = messagingTables(schema);
