import type { FileForm, MessageDetails, StoredFile } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { Outcome } from '../providers/outcome.ts';
import { schema, time } from './base.ts';

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
