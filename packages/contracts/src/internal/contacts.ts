import { z } from 'zod';
import { withCode } from '../errors.ts';
import { e164, email, isoTime, oneOrMore, text, uuid, walked, walkQuery } from '../primitives.ts';
import { route } from '../route.ts';

export const contact = z
  .object({
    id: uuid(),
    name: z.string().nullable(),
    phone: z.string().nullable().describe('E.164; null for customers who show only a username'),
    email: z.string().nullable(),
    avatarUrl: z.string().nullable(),
    username: z.string().nullable().optional().describe('What the customer is called where no phone is shown'),
    isGroup: z.boolean().optional().describe('A chat of many, not a person'),
    marketingStoppedAt: isoTime().nullable().optional().describe('Since when the customer wants no marketing'),
    createdAt: isoTime(),
  })
  .meta({ id: 'Contact' });
export type Contact = z.infer<typeof contact>;

/** A contact as the address book shows it. */
export const contactEntry = contact
  .extend({
    isActive: z.boolean(),
    createdBy: uuid().nullable().describe('Null when it came by a message, or from an API key'),
    groupIds: z.array(uuid()).describe('Of the groups that the caller sees'),
    updatedAt: isoTime(),
    // A conversation service of the version before gives none of these.
    enteredAt: isoTime().nullable().optional().describe('Into the address book; null: known by messages alone'),
    lastMessageAt: isoTime().nullable().optional().describe('In any conversation, in either direction'),
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

const groupId = z.strictObject({ groupId: uuid() });
const contactId = z.strictObject({ contactId: uuid() });
const membership = z.strictObject({ groupId: uuid(), contactId: uuid() });

const groupFields = { name: text(120), description: z.string().trim().max(1000).nullable().optional() };
const contactFields = {
  name: text(120),
  phone: e164(),
  email: email().nullable().optional(),
  isActive: z.boolean().optional(),
  groupIds: z.array(uuid()).max(MAX_CONTACT_GROUPS).optional(),
};

/** Filters of a list of contacts, within a group or not. */
const contactFilters = {
  search: search.describe('In name, phone or e-mail'),
  isActive: z.stringbool().optional(),
  ...walkQuery,
};
const contactList = walked(contactEntry);

/** service-kit's `ownerSeenBy` decides which of these rows a caller sees. */
export const groupRoutes = {
  listGroups: route({
    method: 'GET',
    path: '/groups',
    access: 'groups.read',
    query: z.strictObject({ search: search.describe('In name or description'), ...walkQuery }),
    responses: { 200: walked(group) },
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
    query: z.strictObject({ groupId: uuid().optional(), ...contactFilters }),
    responses: { 200: contactList },
    summary: 'Contacts, the latest first (contacts.read)',
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
  deleteContact: route({
    method: 'DELETE',
    path: '/contacts/:contactId',
    access: 'contacts.manage',
    params: contactId,
    responses: { 204: z.null() },
    audit: 'contact.delete',
    summary: 'Remove a contact from the address book and all groups; its conversations stay (contacts.manage)',
  }),
};
