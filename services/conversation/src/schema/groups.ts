import { boolean, index, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

export const groups = schema.table(
  'groups',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    description: text('description'),
    /** Null for what an API key made. */
    createdBy: uuid('created_by'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), index('groups_created_by').on(t.tenantId, t.createdBy, t.id)],
);

/** Members of groups: never a contact that was removed. */
export const groupContacts = schema.table(
  'group_contacts',
  {
    tenantId: tenantId(),
    groupId: uuid('group_id').notNull(),
    contactId: uuid('contact_id').notNull(),
    addedBy: uuid('added_by'),
    addedAt: time('added_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.groupId, t.contactId] }),
    index('group_contacts_of').on(t.tenantId, t.contactId),
  ],
);

/** Who was seen in a group: by a message of theirs. */
export const groupParticipants = schema.table(
  'group_participants',
  {
    tenantId: tenantId(),
    /** The group's. */
    contactId: uuid('contact_id').notNull(),
    /** The provider's address of the person: a business-scoped id, else a phone. */
    address: text('address').notNull(),
    name: text('name'),
    phone: text('phone'),
    lastMessageAt: time('last_message_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.contactId, t.address] })],
);

/** Who takes part in a group, as its provider tells. Such a person need not be a contact. */
export const groupMembers = schema.table(
  'group_members',
  {
    tenantId: tenantId(),
    /** The group's. */
    contactId: uuid('contact_id').notNull(),
    /** The provider's address of the person, as in group_participants. */
    address: text('address').notNull(),
    name: text('name'),
    phone: text('phone'),
    isAdmin: boolean('is_admin').notNull().default(false),
    /** Null: takes part. */
    leftAt: time('left_at'),
    /** The latest word of the provider on it. */
    toldAt: time('told_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.contactId, t.address] })],
);
