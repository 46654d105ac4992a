import type { NumberFacts } from '../provider.ts';
import type { Json } from './fields.ts';

/** A number as the Graph API shows it. */
export interface CheckedNumber {
  facts: NumberFacts;
  /** Why it does not work, for people; null when it does. */
  fault: string | null;
}

const BANNED = 'WhatsApp banned this number';
const UNVERIFIED = 'The number is not verified: ask for a code and verify it';
const UNREGISTERED = 'The number is not registered: ask for a code and verify it, or register it at Meta';
const GONE = 'The number is not at this business account any more';

/** Source: Meta's reference of phone numbers. Flagged and restricted ones still send. */
const FAULTS: Partial<Record<string, string>> = { BANNED, DELETED: GONE, MIGRATED: GONE, DISCONNECTED: UNREGISTERED };
/** A number that is registered may have these as well: Meta's test numbers are never verified. */
const UNLESS_REGISTERED: Partial<Record<string, string>> = { UNVERIFIED, PENDING: UNREGISTERED };

export function faultOf({ status, platform_type: platform }: Json): string | null {
  if (typeof status !== 'string') return null;
  if (Object.hasOwn(FAULTS, status)) return FAULTS[status]!;
  return platform === 'NOT_APPLICABLE' && Object.hasOwn(UNLESS_REGISTERED, status) ? UNLESS_REGISTERED[status]! : null;
}
