import type { Tx } from '@recado/database';
import type { BookRow } from './book-store.ts';
import type { Profile } from './profile.ts';

/** What is written of a contact: all that people may change, and its place in the address book. */
export type WrittenEntry = Profile & Pick<BookRow, 'id' | 'enteredAt' | 'deletedAt'>;

/** Writes contacts that are new, or locked. */
export async function writeEntries(tx: Tx, tenantId: string, rows: readonly WrittenEntry[]): Promise<void> {
  await tx`
    insert into contacts as k (
      tenant_id, id, name, first_name, last_name, phone, email, company, city, country, address, lead_status, lead_score,
      ltv, total_purchases, last_purchase_at, segment, notes, custom_fields, blocked_at, marketing_stopped_at,
      marketing_changed_at, created_by, is_active, entered_at, deleted_at)
    select ${tenantId}::uuid, n.* from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as n (
      id uuid, name text, "firstName" text, "lastName" text, phone text, email text, company text, city text,
      country text, address text, "leadStatus" text, "leadScore" int, ltv numeric, "totalPurchases" int,
      "lastPurchaseAt" timestamptz, segment text, notes text, "customFields" jsonb, "blockedAt" timestamptz,
      "marketingStoppedAt" timestamptz, "marketingChangedAt" timestamptz, "createdBy" uuid, "isActive" boolean,
      "enteredAt" timestamptz, "deletedAt" timestamptz)
    on conflict (tenant_id, id) do update set
      name = excluded.name, first_name = excluded.first_name, last_name = excluded.last_name, phone = excluded.phone,
      email = excluded.email, company = excluded.company, city = excluded.city, country = excluded.country,
      address = excluded.address, lead_status = excluded.lead_status, lead_score = excluded.lead_score,
      ltv = excluded.ltv, total_purchases = excluded.total_purchases, last_purchase_at = excluded.last_purchase_at,
      segment = excluded.segment, notes = excluded.notes, custom_fields = excluded.custom_fields,
      blocked_at = excluded.blocked_at, marketing_stopped_at = excluded.marketing_stopped_at,
      marketing_changed_at = excluded.marketing_changed_at, created_by = excluded.created_by,
      is_active = excluded.is_active, entered_at = excluded.entered_at, deleted_at = excluded.deleted_at,
      updated_at = now()`;
}
