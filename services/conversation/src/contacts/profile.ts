import { type CustomFields, type conversationApi, joinNames, namesOf, type RouteInput } from '@recado/contracts';
import type { BookRow } from './book-store.ts';

/** What people may write of a contact. */
export type Profile = Omit<
  BookRow,
  | 'id'
  | 'avatarUrl'
  | 'username'
  | 'groupAddress'
  | 'namedAt'
  | 'enteredAt'
  | 'deletedAt'
  | 'erasedAt'
  | 'createdAt'
  | 'updatedAt'
>;

export type ProfileInput = Partial<Omit<RouteInput<typeof conversationApi.createContact>['body'], 'groupIds' | 'tags'>>;

/** A contact of which nothing is known. */
export const BLANK: Profile = {
  name: null,
  firstName: null,
  lastName: null,
  phone: null,
  email: null,
  company: null,
  city: null,
  country: null,
  address: null,
  leadStatus: 'new',
  leadScore: 0,
  ltv: 0,
  totalPurchases: 0,
  lastPurchaseAt: null,
  segment: null,
  notes: null,
  customFields: {},
  blockedAt: null,
  marketingStoppedAt: null,
  marketingChangedAt: null,
  createdBy: null,
  isActive: true,
};

/** What stays of a contact that was removed: that it wants no marketing, and that it is blocked. */
export const whenRemoved = ({ marketingStoppedAt, marketingChangedAt, blockedAt }: Profile): Profile => ({
  ...BLANK,
  marketingStoppedAt,
  marketingChangedAt,
  blockedAt,
});

/** The profile with what was given; what was not given stays. */
export function withInput<P extends Profile>(before: P, input: ProfileInput, now: Date): P {
  const { name: _, firstName: __, lastName: ___, customFields, optIn, isBlocked, lastPurchaseAt, ...plain } = input;
  const given = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
  return {
    ...before,
    ...given,
    ...namesAfter(before, input),
    ...(lastPurchaseAt !== undefined && { lastPurchaseAt: lastPurchaseAt === null ? null : new Date(lastPurchaseAt) }),
    ...(customFields && { customFields: fieldsAfter(before.customFields, customFields) }),
    ...(isBlocked !== undefined && { blockedAt: isBlocked ? (before.blockedAt ?? now) : null }),
    ...marketingAfter(before, optIn, now),
  };
}

type Names = Pick<Profile, 'name' | 'firstName' | 'lastName'>;

/** The two names make the one; the one alone leaves the two to be cut from it. */
function namesAfter(before: Names, { name, firstName, lastName }: ProfileInput): Partial<Names> {
  if (firstName !== undefined || lastName !== undefined) {
    const known = namesOf(before);
    const first = firstName === undefined ? known.firstName || null : firstName;
    const last = lastName === undefined ? known.lastName || null : lastName;
    return { firstName: first, lastName: last, name: joinNames(first, last) };
  }
  return name === undefined || name === before.name ? {} : { name, firstName: null, lastName: null };
}

/** Null removes a field. */
function fieldsAfter(before: CustomFields, given: NonNullable<ProfileInput['customFields']>): CustomFields {
  const after: [string, CustomFields[string] | null][] = Object.entries({ ...before, ...given });
  return Object.fromEntries(after.filter(([, value]) => value !== null)) as CustomFields;
}

function marketingAfter({ marketingStoppedAt }: Profile, optIn: boolean | undefined, now: Date): Partial<Profile> {
  if (optIn === undefined || optIn === (marketingStoppedAt === null)) return {};
  return { marketingStoppedAt: optIn ? null : now, marketingChangedAt: now };
}
