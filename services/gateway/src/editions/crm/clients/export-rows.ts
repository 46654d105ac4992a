import type { ExportedContact } from '@recado/contracts';
import type { Cell } from '../../../exports/cells.ts';

export interface ExportPage {
  items: ExportedContact[];
  next: string | null;
}

/** Each column by the name that an import knows, with its cell. */
const COLUMNS: Record<string, (one: ExportedContact) => Cell | null | undefined> = {
  phone: ({ phone }) => phone,
  name: ({ name }) => name,
  first_name: ({ firstName }) => firstName,
  last_name: ({ lastName }) => lastName,
  email: ({ email }) => email,
  company: ({ company }) => company,
  city: ({ city }) => city,
  country: ({ country }) => country,
  address: ({ address }) => address,
  lead_status: ({ leadStatus }) => leadStatus,
  lead_score: ({ leadScore }) => leadScore,
  ltv: ({ ltv }) => ltv,
  total_purchases: ({ totalPurchases }) => totalPurchases,
  last_purchase_at: ({ lastPurchaseAt }) => lastPurchaseAt,
  segment: ({ segment }) => segment,
  tags: ({ tags }) => tags?.join('; '),
  notes: ({ notes }) => notes,
  opt_in: ({ marketingStoppedAt }) => String(!marketingStoppedAt),
  created_at: ({ createdAt }) => createdAt,
};

/** With a column for each field of the tenant's own. */
export const exportHeaders = (customFields: readonly string[]): string[] => [...Object.keys(COLUMNS), ...customFields];

/** Rows of all pages: no more than one page is in memory. */
export async function* exportRows(
  first: ExportPage,
  read: (after: string) => Promise<ExportPage>,
  customFields: readonly string[],
): AsyncGenerator<Cell[]> {
  for (let page = first; ; ) {
    for (const one of page.items) yield rowOf(one, customFields);
    if (page.next === null) return;
    page = await read(page.next);
  }
}

function rowOf(one: ExportedContact, customFields: readonly string[]): Cell[] {
  const own = one.customFields ?? {};
  return [
    ...Object.values(COLUMNS).map((cellOf) => cellOf(one) ?? ''),
    ...customFields.map((key) => (Object.hasOwn(own, key) ? cellOfCustom(own[key]!) : '')),
  ];
}

const cellOfCustom = (value: string | number | boolean | string[]): Cell =>
  Array.isArray(value) ? value.join('; ') : typeof value === 'boolean' ? String(value) : value;
