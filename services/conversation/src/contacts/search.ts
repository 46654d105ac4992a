import { holdsText, type Tx } from '@recado/database';
import { phoneVariants } from '@recado/service-kit/phone';

/**
 * Contacts (table `k`) whose name or phone holds the text, a number in each spelling. Scans the
 * tenant's contacts: under row level security a trigram index is not used.
 */
export function nameOrPhoneHolds(tx: Tx, search: string) {
  const digits = search.replaceAll(/[\s().+-]/g, '');
  const byPhone = /^\d{3,15}$/.test(digits)
    ? tx`or k.phone like ${`%${digits}%`} or k.phone = any(${phoneVariants(digits).map((d) => `+${d}`)}::text[])`
    : tx``;
  return tx`(${holdsText(tx, tx`k.name`, search)} ${byPhone})`;
}
