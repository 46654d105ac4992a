import type { ContactEntry, Group } from '@recado/contracts';
import type { z } from 'zod';
import type * as schemas from './address-book-schemas.ts';

type View<S extends z.ZodType> = z.input<S>;

export const groupView = (group: Group): View<typeof schemas.group> => ({
  id: group.id,
  name: group.name,
  description: group.description,
  contact_count: group.contactCount,
  created_at: group.createdAt,
  updated_at: group.updatedAt,
  created_by: group.createdBy,
});

export const contactView = (contact: ContactEntry): View<typeof schemas.contact> => ({
  id: contact.id,
  name: contact.name,
  phone: contact.phone,
  email: contact.email,
  is_active: contact.isActive,
  groups: contact.groupIds,
  created_at: contact.createdAt,
  updated_at: contact.updatedAt,
  created_by: contact.createdBy,
});
