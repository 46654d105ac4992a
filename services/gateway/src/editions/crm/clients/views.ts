import {
  type ContactEntry,
  type ContactErasure,
  type conversationApi,
  namesOf,
  type RouteInput,
  type RouteOutput,
} from '@recado/contracts';
import type { z } from 'zod';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

export function clientView(contact: ContactEntry): View<typeof schemas.client> {
  const { firstName, lastName } = namesOf(contact);
  return {
    id: contact.id,
    phone_number: contact.phone,
    first_name: firstName,
    last_name: lastName,
    email: contact.email,
    company: contact.company ?? null,
    city: contact.city ?? null,
    country: contact.country ?? null,
    lead_status: contact.leadStatus ?? 'new',
    lead_score: contact.leadScore ?? 0,
    segment: contact.segment ?? null,
    tags: contact.tags ?? [],
    username: contact.username ?? null,
    avatar_url: contact.avatarUrl,
    is_blocked: (contact.blockedAt ?? null) !== null,
    opt_in: (contact.marketingStoppedAt ?? null) === null,
    total_chats: contact.totalChats ?? 0,
    last_contact_at: contact.lastMessageAt ?? null,
    created_at: contact.createdAt,
  };
}

export const changedClientView = (contact: ContactEntry): View<typeof schemas.changedClient> => ({
  ...clientView(contact),
  address: contact.address ?? null,
  ltv: contact.ltv ?? 0,
  total_purchases: contact.totalPurchases ?? 0,
  last_purchase_at: contact.lastPurchaseAt ?? null,
  custom_fields: contact.customFields ?? {},
  notes: contact.notes ?? null,
  updated_at: contact.updatedAt,
});

export const clientDetailView = ({
  chats,
  tasks,
  ...contact
}: RouteOutput<typeof conversationApi.getContact>): View<typeof schemas.clientDetail> => ({
  ...changedClientView(contact),
  chats: chats.map(({ id, status, createdAt }) => ({ id, status, created_at: createdAt })),
  tasks: tasks?.map(({ id, title, dueAt, status }) => ({ id, title, due_date: dueAt, status })) ?? null,
});

type Body = z.output<typeof schemas.updateClientBody>;
type Input = RouteInput<typeof conversationApi.updateContact>['body'];

/** What the service is told of a client. */
export const clientInput = ({ phone_number, first_name, last_name, custom_fields, ...body }: Body): Input => ({
  phone: phone_number,
  firstName: first_name,
  lastName: last_name,
  email: body.email,
  company: body.company,
  city: body.city,
  country: body.country,
  address: body.address,
  leadStatus: body.lead_status,
  leadScore: body.lead_score,
  ltv: body.ltv,
  totalPurchases: body.total_purchases,
  lastPurchaseAt: body.last_purchase_at,
  segment: body.segment,
  notes: body.notes,
  customFields: custom_fields,
  tags: body.tags,
  isBlocked: body.is_blocked,
  optIn: body.opt_in,
});

export const clientErasureView = ({
  contactId,
  requestedAt,
  doneAt,
  queuesUntil,
  ...rest
}: ContactErasure): View<typeof schemas.clientErasure> => ({
  client_id: contactId,
  ...rest,
  requested_at: requestedAt,
  done_at: doneAt,
  queues_until: queuesUntil,
});
