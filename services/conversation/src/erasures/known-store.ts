import type { Tx } from '@recado/database';
import type { Identity } from '../contacts/store.ts';
import type { erasedIdentities } from '../schema.ts';
import { digestOf } from './digest.ts';

type Row = typeof erasedIdentities.$inferSelect;
/** What is still known of an address whose contact was erased. */
export type Recalled = Pick<Row, 'erasedAt' | 'blockedAt' | 'marketingStoppedAt' | 'marketingChangedAt'>;

/** Keeps the digests of addresses, and what their owner wants; the latest erasure counts. */
export function keepDigests(tx: Tx, identities: readonly Identity[], wishes: Omit<Recalled, 'erasedAt'>) {
  const { blockedAt, marketingStoppedAt, marketingChangedAt } = wishes;
  return tx`
    insert into erased_identities as e (tenant_id, digest, erased_at, blocked_at, marketing_stopped_at, marketing_changed_at)
    select i.tenant_id, i.digest, now(), ${blockedAt}, ${marketingStoppedAt}, ${marketingChangedAt}
    from unnest(${identities.map((i) => i.tenantId)}::uuid[], ${identities.map(digestOf)}::text[]) as i (tenant_id, digest)
    order by i.digest
    on conflict (tenant_id, digest) do update set
      erased_at = greatest(e.erased_at, excluded.erased_at), blocked_at = excluded.blocked_at,
      marketing_stopped_at = excluded.marketing_stopped_at, marketing_changed_at = excluded.marketing_changed_at`;
}

/** What is known of erased owners, in the order of `identities`; undefined where there was none. */
export async function recallErased(tx: Tx, identities: readonly Identity[]): Promise<(Recalled | undefined)[]> {
  if (identities.length === 0) return [];
  const digests = identities.map(digestOf);
  const rows = await tx<(Recalled & { key: string })[]>`
    select e.tenant_id || e.digest as key, e.erased_at as "erasedAt", e.blocked_at as "blockedAt",
           e.marketing_stopped_at as "marketingStoppedAt", e.marketing_changed_at as "marketingChangedAt"
    from unnest(${identities.map((i) => i.tenantId)}::uuid[], ${digests}::text[]) as k (tenant_id, digest)
    join erased_identities e using (tenant_id, digest)`;
  const known = new Map(rows.map(({ key, ...row }) => [key, row]));
  return identities.map(({ tenantId }, i) => known.get(`${tenantId}${digests[i]}`));
}

/** Forgets digests that serve no more, at most 10,000: providers repeat for 7 days. */
export const pruneDigests = (tx: Tx) => tx`
  delete from erased_identities where ctid in (
    select ctid from erased_identities
    where erased_at < now() - interval '8 days' and blocked_at is null and marketing_stopped_at is null limit 10000)`;
