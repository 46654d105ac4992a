import type { ContactEntry } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

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
