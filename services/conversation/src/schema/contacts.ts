import { CUSTOM_FIELD_TYPES, type CustomFields, type LeadStatus } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, numeric, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

export const contacts = schema.table(
  'contacts',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    name: text('name'),
    /** As a person wrote them: `name` is then both. Null: an edition cuts `name`. */
    firstName: text('first_name'),
    lastName: text('last_name'),
    /** E.164; null for customers who show only a username. */
    phone: text('phone'),
    email: text('email'),
    avatarUrl: text('avatar_url'),
    company: text('company'),
    city: text('city'),
    country: text('country'),
    address: text('address'),
    leadStatus: text('lead_status').$type<LeadStatus>().notNull().default('new'),
    /** 0 to 100. */
    leadScore: integer('lead_score').notNull().default(0),
    /** What it bought in all, in the tenant's currency. */
    ltv: numeric('ltv', { precision: 16, scale: 2, mode: 'number' }).notNull().default(0),
    totalPurchases: integer('total_purchases').notNull().default(0),
    lastPurchaseAt: time('last_purchase_at'),
    segment: text('segment'),
    notes: text('notes'),
    /** By the tenant's own keys; those that it defined have a type. */
    customFields: jsonb('custom_fields').$type<CustomFields>().notNull().default({}),
    /** Since when its chats stay out of the inbox. */
    blockedAt: time('blocked_at'),
    /** What a customer without a visible phone is called. */
    username: text('username'),
    /** The provider's address of a chat of many: such a row is no person and in no address book. */
    groupAddress: text('group_address'),
    /** As of when the provider named a group so. */
    namedAt: time('named_at'),
    /** Since when the customer wants no marketing messages. */
    marketingStoppedAt: time('marketing_stopped_at'),
    /** When the customer last said so, or that they want them again. */
    marketingChangedAt: time('marketing_changed_at'),
    /** The creator; null for a contact that came by a message, or that an API key made. */
    createdBy: uuid('created_by'),
    isActive: boolean('is_active').notNull().default(true),
    /**
     * When it was entered into the address book by hand; null for a contact known only by messages,
     * which any user may still add.
     */
    enteredAt: time('entered_at'),
    /** Out of the address book and all groups. */
    deletedAt: time('deleted_at'),
    /** Nothing is known of the person any more. The row stays: counts of chats hang on its id. */
    erasedAt: time('erased_at'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    // Ids follow the order of arrival: lists of all of a tenant's contacts are read along this key.
    primaryKey({ columns: [t.tenantId, t.id] }),
    // Contacts that come by a message are not in it, so those cost nothing more.
    index('contacts_created_by').on(t.tenantId, t.createdBy, t.id).where(sql`${t.createdBy} is not null`),
    // Lists by lead status or segment. Most contacts are `new`, along the primary key.
    index('contacts_lead_status').on(t.tenantId, t.leadStatus, t.id).where(sql`${t.leadStatus} <> 'new'`),
    index('contacts_segment').on(t.tenantId, t.segment, t.id).where(sql`${t.segment} is not null`),
    index('contacts_company').on(t.tenantId, t.company, t.id).where(sql`${t.company} is not null`),
    index('contacts_city').on(t.tenantId, t.city, t.id).where(sql`${t.city} is not null`),
    index('contacts_blocked').on(t.tenantId, t.id).where(sql`${t.blockedAt} is not null`),
    index('contacts_by_name').on(t.tenantId, sql`(coalesce(${t.name}, '') collate "und-x-icu")`, t.id),
    index('contacts_by_score').on(t.tenantId, t.leadScore, t.id),
  ],
);

/** Labels of contacts, of the same catalogue as those of conversations. */
export const contactTags = schema.table(
  'contact_tags',
  {
    tenantId: tenantId(),
    contactId: uuid('contact_id').notNull(),
    tagId: uuid('tag_id').notNull(),
    addedAt: time('added_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.contactId, t.tagId] }),
    index('contact_tags_of').on(t.tenantId, t.tagId, t.contactId),
  ],
);

/** What a tenant's custom fields hold. */
export const customFieldDefinitions = schema.table(
  'custom_field_definitions',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    /** In `custom_fields` of contacts. */
    key: text('key').notNull(),
    label: text('label').notNull(),
    type: text('type', { enum: CUSTOM_FIELD_TYPES }).notNull(),
    /** Of type `option`: what may be chosen. */
    options: text('options').array().notNull().default([]),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), uniqueIndex('custom_field_key').on(t.tenantId, t.key)],
);

/**
 * Identifies a sender. `wa_id`: exactly as received. `phone`: one key for all spellings of a number
 * (contacts/phones.ts), so this unique key matches them. `user_id`: business-scoped.
 */
export const contactIdentities = schema.table(
  'contact_identities',
  {
    tenantId: tenantId(),
    kind: text('kind', { enum: ['phone', 'user_id', 'parent_user_id', 'wa_id', 'group'] }).notNull(),
    value: text('value').notNull(),
    contactId: uuid('contact_id').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.kind, t.value] }),
    // The contact first: with the tenant first Postgres took this index, and all of a tenant's
    // identities in it, to find a few by their values.
    index('contact_identities_of').on(t.contactId, t.tenantId),
  ],
);

/**
 * Addresses that a contact had until the provider told of its new one. They name it in messages of
 * that time alone: the next owner of a number is another contact.
 */
export const formerIdentities = schema.table(
  'former_identities',
  {
    tenantId: tenantId(),
    kind: text('kind', { enum: ['phone', 'user_id', 'parent_user_id', 'wa_id', 'group'] }).notNull(),
    value: text('value').notNull(),
    contactId: uuid('contact_id').notNull(),
    until: time('until').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.kind, t.value, t.contactId] }),
    index('former_identities_of').on(t.contactId, t.tenantId),
  ],
);
