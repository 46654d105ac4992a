import type { ContactEntry, ContactProfile } from '@recado/contracts';
import { Conflict } from '@recado/service-kit';
import type { BookRow, EntryRow } from './book-store.ts';
import { BLANK, type Profile } from './profile.ts';

/** A contact with its profile. */
export const profileView = ({
  deletedAt: _,
  erasedAt: ________,
  groupAddress,
  marketingChangedAt: __,
  namedAt: ___,
  enteredAt: ____,
  updatedAt: _____,
  isActive: ______,
  createdBy: _______,
  marketingStoppedAt,
  blockedAt,
  lastPurchaseAt,
  createdAt,
  ...row
}: BookRow & { tags: string[] }): ContactProfile => ({
  ...row,
  isGroup: groupAddress !== null,
  marketingStoppedAt: marketingStoppedAt?.toISOString() ?? null,
  blockedAt: blockedAt?.toISOString() ?? null,
  lastPurchaseAt: lastPurchaseAt?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
});

/** A contact of the address book as the contract shows it. */
export const entryView = ({ groupIds, lastMessageAt, totalChats, ...row }: EntryRow): ContactEntry => {
  const { isGroup: _, ...profile } = profileView(row);
  return {
    ...profile,
    isActive: row.isActive,
    createdBy: row.createdBy,
    groupIds,
    totalChats,
    enteredAt: row.enteredAt?.toISOString() ?? null,
    lastMessageAt: lastMessageAt?.toISOString() ?? null,
    updatedAt: row.updatedAt.toISOString(),
  };
};

type Facts = Pick<BookRow, 'id' | 'name' | 'phone' | 'email' | 'isActive' | 'createdBy' | 'leadStatus' | 'blockedAt'>;

/** A contact in events. */
export const contactFacts = ({
  id: contactId,
  name,
  phone,
  email,
  isActive,
  createdBy,
  leadStatus,
  blockedAt,
}: Facts) => ({ contactId, name, phone, email, isActive, createdBy, leadStatus, isBlocked: blockedAt !== null });

/** What the audit log compares of a contact. */
export const auditedContact = ({ marketingStoppedAt, blockedAt, ...row }: Profile) => ({
  name: row.name,
  phone: row.phone,
  email: row.email,
  isActive: row.isActive,
  createdBy: row.createdBy,
  company: row.company,
  city: row.city,
  country: row.country,
  address: row.address,
  leadStatus: row.leadStatus,
  leadScore: row.leadScore,
  ltv: row.ltv,
  totalPurchases: row.totalPurchases,
  lastPurchaseAt: row.lastPurchaseAt,
  segment: row.segment,
  notes: row.notes,
  customFields: row.customFields,
  optIn: marketingStoppedAt === null,
  isBlocked: blockedAt !== null,
});

/** The same of one that is not there: what a new one has by itself is no change. */
export const NO_CONTACT = { ...auditedContact(BLANK), isActive: null };

/** The same whosesoever it is. */
export const phoneTaken = () => {
  const message = 'There is a contact with this phone';
  return new Conflict(message, 'contact', [{ field: 'phone', message, code: 'phone_taken' }]);
};
