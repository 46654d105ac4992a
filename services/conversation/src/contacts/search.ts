import type { Tx } from '@recado/database';
import { phoneVariants } from '@recado/service-kit/phone';

/**
 * Contacts (their table is `k`) whose name or phone holds the text; a whole number is found in each of its spellings. A scan of the tenant's
 * contacts: under row level security Postgres would not use a trigram index here (its operators are not leakproof).
 */
export function nameOrPhoneHolds(tx: Tx, search: string) {
  const digits = search.replaceAll(/[\s().+-]/g, '');
  const byPhone = /^\d{3,15}$/.test(digits)
    ? tx`or k.phone like ${`%${digits}%`} or k.phone = any(${phoneVariants(digits).map((d) => `+${d}`)}::text[])`
    : tx``;
  return tx`(strpos(lower(k.name), lower(${search})) > 0 ${byPhone})`;
}
