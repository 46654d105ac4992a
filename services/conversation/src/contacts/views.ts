import type { ContactEntry } from '@recado/contracts';
import { Conflict } from '@recado/service-kit';
import type { BookRow, EntryRow } from './book-store.ts';

/** A contact of the address book as the contract shows it. */
export const entryView = ({
  deletedAt: _,
  groupAddress: __,
  marketingChangedAt: ___,
  marketingStoppedAt,
  enteredAt,
  lastMessageAt,
  createdAt,
  updatedAt,
  ...row
}: EntryRow): ContactEntry => ({
  ...row,
  marketingStoppedAt: marketingStoppedAt?.toISOString() ?? null,
  enteredAt: enteredAt?.toISOString() ?? null,
  lastMessageAt: lastMessageAt?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

type Facts = Pick<BookRow, 'id' | 'name' | 'phone' | 'email' | 'isActive' | 'createdBy'>;

/** A contact in events. */
export const contactFacts = ({ id: contactId, name, phone, email, isActive, createdBy }: Facts) => ({
  contactId,
  name,
  phone,
  email,
  isActive,
  createdBy,
});

/** What the audit log compares of a contact. */
export const auditedContact = ({ name, phone, email, isActive, createdBy }: Facts) => ({
  name,
  phone,
  email,
  isActive,
  createdBy,
});

/** The same whosesoever it is. */
export const phoneTaken = () => {
  const message = 'There is a contact with this phone';
  return new Conflict(message, 'contact', [{ field: 'phone', message, code: 'phone_taken' }]);
};
