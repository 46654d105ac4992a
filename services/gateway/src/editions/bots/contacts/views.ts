import type { ContactEntry } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

export const contactView = (contact: ContactEntry): View<typeof schemas.contact> => ({
  id: contact.id,
  phoneNumber: contact.phone,
  name: contact.name,
  email: contact.email,
  tags: contact.tags ?? [],
  metadata: {
    source: contact.enteredAt === null ? 'whatsapp' : 'manual',
    lastInteraction: contact.lastMessageAt ?? null,
  },
  createdAt: contact.createdAt,
  updatedAt: contact.updatedAt,
});
