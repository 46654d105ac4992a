import { sql } from 'drizzle-orm';
import { foreignKey, index, integer, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, schema, time } from './base.ts';
import { tenants } from './tenants.ts';
import { users } from './users.ts';

/** What proves the e-mail of a registration: a token, and a code that follows from it. */
export const emailProofs = schema.table(
  'email_proofs',
  {
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    tokenHash: bytea('token_hash').notNull(),
    /**
     * The token under RECADO_SECRETS_KEYS, bound to the tenant; null once it has proved the e-mail.
     */
    sealedToken: text('sealed_token'),
    wrongCodes: integer('wrong_codes').notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
  ],
);

/** Mails to send. They hold no secret: the text is made when it is sent. */
export const mails = schema.table(
  'mails',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    recipient: text('recipient').notNull(),
    language: text('language').$type<'es' | 'pt'>().notNull(),
    /** Claims, this one included: each is one try at most. */
    tries: integer('tries').notNull().default(0),
    /** Also the end of the sender's lease. */
    nextTryAt: time('next_try_at').notNull().defaultNow(),
    sentAt: time('sent_at'),
    /** Given up. */
    failedAt: time('failed_at'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId], foreignColumns: [tenants.tenantId] }).onDelete('cascade'),
    index('mails_due_idx').on(t.nextTryAt).where(sql`${t.sentAt} is null and ${t.failedAt} is null`),
    index('mails_recipient_idx').on(t.recipient, t.createdAt),
  ],
);
