import { z } from 'zod';
import { withCode } from '../errors.ts';
import { e164, email, isoTime, oneOrMore, text, totalIsCapped, uuid, walked, walkQuery } from '../primitives.ts';
import { route } from '../route.ts';
import { CONVERSATION_STATUSES, TASK_STATUSES } from './statuses.ts';
import { tagName } from './tag-name.ts';

export const LEAD_STATUSES = ['new', 'contacted', 'qualified', 'proposal', 'won', 'lost'] as const;
export type LeadStatus = (typeof LEAD_STATUSES)[number];

/** What a contact may have. */
export const MAX_CONTACT_TAGS = 50;
export const MAX_CUSTOM_FIELDS = 100;

/** What a custom field may hold. `date`: a day as 2026-11-30. */
export const CUSTOM_FIELD_TYPES = ['text', 'number', 'date', 'boolean', 'option'] as const;
export type CustomFieldType = (typeof CUSTOM_FIELD_TYPES)[number];

/** By the tenant's own keys. A field that it defined holds its type; any other a text or number. */
export const customFields = z.record(
  text(60),
  z.union([z.string().max(1000), z.number().min(-1e15).max(1e15), z.boolean(), z.array(z.string().max(1000)).max(50)]),
);
export type CustomFields = z.infer<typeof customFields>;

const name = z.string().nullable();

export const contact = z
  .object({
    id: uuid(),
    name,
    firstName: name.optional().describe('As a person wrote it; null: cut it from `name`'),
    lastName: name.optional(),
    phone: z.string().nullable().describe('E.164; null for customers who show only a username'),
    email: z.string().nullable(),
    avatarUrl: z.string().nullable(),
    username: z.string().nullable().optional().describe('What the customer is called where no phone is shown'),
    isGroup: z.boolean().optional().describe('A chat of many, not a person'),
    marketingStoppedAt: isoTime().nullable().optional().describe('Since when the customer wants no marketing'),
    blockedAt: isoTime().nullable().optional().describe('Since when its chats stay out of the inbox'),
    createdAt: isoTime(),
  })
  .meta({ id: 'Contact' });
export type Contact = z.infer<typeof contact>;

/** What people know of a contact. */
const profile = {
  company: z.string().nullable(),
  city: z.string().nullable(),
  country: z.string().nullable(),
  address: z.string().nullable(),
  leadStatus: z.enum(LEAD_STATUSES),
  leadScore: z.number().int().describe('0 to 100'),
  ltv: z.number().describe("What it bought in all, in the tenant's currency; two decimals"),
  totalPurchases: z.number().int(),
  lastPurchaseAt: isoTime().nullable(),
  segment: z.string().nullable(),
  notes: z.string().nullable(),
  customFields,
  tags: z.array(z.string()).describe('By name'),
};

/** A contact with its profile, beside a conversation. */
export const contactProfile = contact.extend(z.object(profile).partial().shape).meta({ id: 'ContactProfile' });
export type ContactProfile = z.infer<typeof contactProfile>;

/** A contact as the address book shows it. */
export const contactEntry = contactProfile
  .extend({
    isActive: z.boolean(),
    createdBy: uuid().nullable().describe('Null when it came by a message, or from an API key'),
    groupIds: z.array(uuid()).describe('Of the groups that the caller sees'),
    updatedAt: isoTime(),
    // A conversation service of the version before gives none of these.
    enteredAt: isoTime().nullable().optional().describe('Into the address book; null: known by messages alone'),
    lastMessageAt: isoTime().nullable().optional().describe('In any conversation, in either direction'),
    totalChats: z.number().int().optional(),
  })
  .meta({ id: 'ContactEntry' });
export type ContactEntry = z.infer<typeof contactEntry>;

export const group = z
  .object({
    id: uuid(),
    name: z.string(),
    description: z.string().nullable(),
    contactCount: z.number().int().describe('Those that the caller sees'),
    createdBy: uuid().nullable().describe('Null for an API key'),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'Group' });
export type Group = z.infer<typeof group>;

/** What one call may put into a group. */
export const MAX_GROUP_ADDITIONS = 1000;

/** What one call may put a contact into. */
export const MAX_CONTACT_GROUPS = 100;

const search = z.string().trim().max(120).optional();

/** What one call may merge into a contact. */
export const MAX_MERGED = 20;
/** Chats that change hands in one merge: half a second of the tenant's routing. */
export const MAX_MERGED_CHATS = 5000;
const areDifferent = (ids: readonly string[]) => new Set(ids).size === ids.length;

const groupId = z.strictObject({ groupId: uuid() });
const contactId = z.strictObject({ contactId: uuid() });
const contactTags = z.object({ tags: z.array(z.string()).describe('By name') });
const membership = z.strictObject({ groupId: uuid(), contactId: uuid() });

const groupFields = { name: text(120), description: z.string().trim().max(1000).nullable().optional() };
const orNone = (max: number) => text(max).nullable().optional();
const contactFields = {
  name: orNone(120).describe('With neither this nor `firstName` it has no name'),
  firstName: orNone(120).describe('Makes `name` of both'),
  lastName: orNone(120),
  phone: e164(),
  email: email().nullable().optional(),
  isActive: z.boolean().optional(),
  groupIds: z.array(uuid()).max(MAX_CONTACT_GROUPS).optional(),
  company: orNone(160),
  city: orNone(120),
  country: orNone(120),
  address: orNone(400),
  leadStatus: z.enum(LEAD_STATUSES).optional(),
  leadScore: z.number().int().min(0).max(100).optional(),
  ltv: z.number().min(0).max(1e12).multipleOf(0.01).optional(),
  totalPurchases: z.number().int().min(0).max(1e9).optional(),
  lastPurchaseAt: isoTime().nullable().optional(),
  segment: orNone(60),
  notes: z.string().trim().max(5000).nullable().optional(),
  customFields: z
    .record(text(60), customFields.valueType.nullable())
    .refine((fields) => Object.keys(fields).length <= MAX_CUSTOM_FIELDS, {
      params: { code: 'too_big', origin: 'object', maximum: MAX_CUSTOM_FIELDS },
    })
    .optional()
    .describe('Those that are given; null removes one'),
  tags: z.array(tagName).max(MAX_CONTACT_TAGS).optional().describe('Exactly these'),
  optIn: z.boolean().optional().describe('Whether it wants marketing'),
  isBlocked: z.boolean().optional().describe('Its chats stay out of the inbox'),
};

/** Filters of a list of contacts, within a group or not. */
const contactFilters = {
  search: search.describe('In name, company, phone, e-mail or user name. One or two letters begin a word'),
  isActive: z.stringbool().optional(),
  ...walkQuery,
};
const contactList = walked(contactEntry).extend({
  totalIsCapped: totalIsCapped('up to 10,000, of a search 1,000'),
});
const exactly = (max: number) => z.string().trim().max(max).optional().describe('As it is written');

/** service-kit's `ownerSeenBy` decides which of these rows a caller sees. */
export const groupRoutes = {
  listGroups: route({
    method: 'GET',
    path: '/groups',
    access: 'groups.read',
    query: z.strictObject({ search: search.describe('In name or description'), ...walkQuery }),
    responses: { 200: walked(group).extend({ totalIsCapped: totalIsCapped('up to 10,000') }) },
    summary: 'Groups of contacts, the last made first (groups.read)',
  }),
  createGroup: route({
    method: 'POST',
    path: '/groups',
    access: 'groups.manage',
    once: true,
    body: z.strictObject(groupFields),
    responses: { 201: group },
    audit: 'group.create',
    summary: 'Make an empty group (groups.manage)',
  }),
  getGroup: route({
    method: 'GET',
    path: '/groups/:groupId',
    access: 'groups.read',
    params: groupId,
    responses: { 200: group },
    summary: 'One group (groups.read)',
  }),
  updateGroup: route({
    method: 'PUT',
    path: '/groups/:groupId',
    access: 'groups.manage',
    params: groupId,
    body: z.strictObject(groupFields).partial().refine(oneOrMore, withCode('no_fields')),
    responses: { 200: group },
    audit: 'group.update',
    summary: 'Change a group (groups.manage)',
  }),
  deleteGroup: route({
    method: 'DELETE',
    path: '/groups/:groupId',
    access: 'groups.manage',
    params: groupId,
    responses: { 204: z.null() },
    audit: 'group.delete',
    summary: 'Remove a group; its contacts stay (groups.manage)',
  }),
  listGroupContacts: route({
    method: 'GET',
    path: '/groups/:groupId/contacts',
    access: 'groups.read',
    params: groupId,
    query: z.strictObject(contactFilters),
    responses: { 200: contactList },
    summary: 'Contacts of a group, the latest first (groups.read)',
  }),
  addGroupContacts: route({
    method: 'POST',
    path: '/groups/:groupId/contacts',
    access: 'groups.manage',
    once: true,
    params: groupId,
    body: z.strictObject({ contactIds: z.array(uuid()).min(1).max(MAX_GROUP_ADDITIONS) }),
    responses: {
      201: z.object({
        added: z.number().int().describe('Those that were not in it yet'),
        contactCount: group.shape.contactCount,
      }),
    },
    // Contacts that are in the group already are not added again.
    idempotent: true,
    audit: 'group.add_contacts',
    summary: 'Put contacts into a group, all or none (groups.manage). One that is unknown: 422 naming its place',
  }),
  removeGroupContact: route({
    method: 'DELETE',
    path: '/groups/:groupId/contacts/:contactId',
    access: 'groups.manage',
    params: membership,
    responses: { 204: z.null() },
    audit: 'group.remove_contact',
    summary: 'Take a contact out of a group (groups.manage)',
  }),
};

export const contactRoutes = {
  listContacts: route({
    method: 'GET',
    path: '/contacts',
    access: 'contacts.read',
    query: z.strictObject({
      groupId: uuid().optional(),
      leadStatus: z.enum(LEAD_STATUSES).optional(),
      segment: exactly(60),
      company: exactly(160),
      city: exactly(120),
      tag: z.string().trim().max(60).optional().describe('Its name; case does not matter'),
      isBlocked: z.stringbool().optional(),
      optIn: z.stringbool().optional(),
      sort: z.enum(['created', 'name', 'leadScore']).default('created'),
      order: z.enum(['asc', 'desc']).optional().describe('Names from A, all else the latest or highest first'),
      ...contactFilters,
    }),
    responses: { 200: contactList },
    summary: 'Contacts, the latest first (contacts.read)',
  }),
  getContact: route({
    method: 'GET',
    path: '/contacts/:contactId',
    access: 'contacts.read',
    params: contactId,
    responses: {
      200: contactEntry.extend({
        chats: z
          .array(
            z.object({ id: uuid(), channelId: uuid(), status: z.enum(CONVERSATION_STATUSES), createdAt: isoTime() }),
          )
          .describe('The last 20 made, the last first'),
        tasks: z
          .array(
            z.object({ id: uuid(), title: z.string(), dueAt: isoTime().nullable(), status: z.enum(TASK_STATUSES) }),
          )
          .nullable()
          .describe('The 20 due next, of those that the caller sees; null without tasks.read'),
      }),
    },
    summary: 'One contact with its chats (contacts.read)',
  }),
  addContactTag: route({
    method: 'POST',
    path: '/contacts/:contactId/tags',
    access: 'contacts.manage',
    once: { none: 'A tag is there once' },
    params: contactId,
    body: z.strictObject({ name: tagName }),
    responses: { 200: contactTags },
    audit: 'contact.tag',
    summary: `Tag a contact by name (contacts.manage). A new name makes a new tag. Beyond ${MAX_CONTACT_TAGS} tags: 422`,
  }),
  removeContactTag: route({
    method: 'DELETE',
    path: '/contacts/:contactId/tags/:name',
    access: 'contacts.manage',
    params: contactId.extend({ name: text(60) }),
    responses: { 200: contactTags },
    audit: 'contact.untag',
    summary: 'Take a tag off a contact (contacts.manage)',
  }),
  createContact: route({
    method: 'POST',
    path: '/contacts',
    access: 'contacts.manage',
    once: true,
    body: z.strictObject(contactFields),
    responses: { 201: contactEntry },
    audit: 'contact.create',
    summary:
      'Write a contact into the address book (contacts.manage): also one who is known only by messages, or was removed. A phone that stands there, in any of its spellings: 409 naming phone',
  }),
  updateContact: route({
    method: 'PUT',
    path: '/contacts/:contactId',
    access: 'contacts.manage',
    params: contactId,
    body: z.strictObject(contactFields).partial().refine(oneOrMore, withCode('no_fields')),
    responses: { 200: contactEntry },
    audit: 'contact.update',
    summary:
      "Change a contact (contacts.manage). Another's phone: 409 naming phone. `groupIds`: of the groups the caller sees, those it shall be in",
  }),
  mergeContacts: route({
    method: 'POST',
    path: '/contacts/:contactId/merge',
    access: 'contacts.manage',
    once: true,
    params: contactId,
    body: z.strictObject({
      contactIds: z.array(uuid()).min(1).max(MAX_MERGED).refine(areDifferent, withCode('duplicate')),
    }),
    responses: { 200: contactEntry },
    audit: 'contact.merge',
    summary: `Make other contacts this one, with chats and tasks (contacts.manage). Their ids are unknown from then on. Beyond ${MAX_MERGED_CHATS} chats of theirs: 422`,
  }),
  deleteContact: route({
    method: 'DELETE',
    path: '/contacts/:contactId',
    access: 'contacts.manage',
    params: contactId,
    responses: { 204: z.null() },
    audit: 'contact.delete',
    summary: 'Erase a contact and what was said with it, everywhere; getErasure tells how far it is (contacts.manage)',
  }),
};
