import { z } from 'zod';

/** What the timeline of a contact keeps in rows of its own. */
export const CONTACT_EVENT_KINDS = [
  'chat.closed',
  'chat.reopened',
  'chat.assigned',
  'chat.queued',
  'chat.campaign',
  'contact.merged',
  'contact.opted_in',
  'contact.opted_out',
  'contact.blocked',
  'contact.unblocked',
  'contact.imported',
] as const;
export const contactEventKind = z.enum(CONTACT_EVENT_KINDS);
export type ContactEventKind = z.infer<typeof contactEventKind>;
