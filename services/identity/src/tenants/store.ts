import { PLANS, type Tenant } from '@recado/contracts';
import { columns, type Database, readTenant, type Tx, withWorker } from '@recado/database';
import { EmailUnproved, NotFound } from '@recado/service-kit';
import { countryOf } from '@recado/service-kit/phone';
import { tenants } from '../schema.ts';

const tenantColumns = columns(tenants, {
  alias: 'tenants',
  only: [
    'tenantId',
    'slug',
    'name',
    'plan',
    'status',
    'timezone',
    'country',
    'language',
    'settings',
    'unprovedUntil',
    'createdAt',
  ],
});
/** Its country is the one that was set. */
export type TenantRow = typeof tenantColumns.$row;

/** Inserts a tenant unless its slug is taken: then null. */
export async function insertTenant(
  tx: Tx,
  tenantId: string,
  given: Pick<typeof tenants.$inferSelect, 'slug' | 'name' | 'plan' | 'email' | 'language'> & {
    unprovedDays: number | null;
  },
): Promise<TenantRow | null> {
  const [row] = await tx<TenantRow[]>`
    insert into tenants (tenant_id, slug, name, email, plan, language, unproved_until)
    values (${tenantId}, ${given.slug}, ${given.name}, ${given.email}, ${given.plan}, ${given.language},
            now() + ${given.unprovedDays}::int * interval '1 day')
    on conflict (slug) do nothing
    returning ${tenantColumns(tx)}`;
  return row ?? null;
}

export const selectTenant = (tx: Tx, tenantId: string) =>
  tx<TenantRow[]>`select ${tenantColumns(tx)} from tenants where tenant_id = ${tenantId}`;

/**
 * Locks the tenant until the transaction ends: what is counted against its plan is counted one at a
 * time.
 * @throws NotFound
 */
export async function lockTenant(tx: Tx, tenantId: string): Promise<TenantRow> {
  const row = await findLockedTenant(tx, tenantId);
  if (!row) throw new NotFound('tenant', tenantId);
  return row;
}

/** The same, null when there is no such tenant. */
export async function findLockedTenant(tx: Tx, tenantId: string): Promise<TenantRow | null> {
  const [row] = await tx<TenantRow[]>`
    select ${tenantColumns(tx)} from tenants where tenant_id = ${tenantId} for no key update`;
  return row ?? null;
}

/**
 * The same for what a tenant may do only when its e-mail is proved. @throws NotFound, Forbidden
 * `email_unproved`
 */
export async function lockProvedTenant(tx: Tx, tenantId: string): Promise<TenantRow> {
  const row = await lockTenant(tx, tenantId);
  if (row.unprovedUntil) throw new EmailUnproved();
  return row;
}

/** @throws NotFound */
export async function getTenant(db: Database, tenantId: string): Promise<TenantRow> {
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectTenant(tx, tenantId)]);
  if (!row) throw new NotFound('tenant', tenantId);
  return row;
}

/** Writes what may change of a tenant; gives it as it is stored. */
export async function patchTenant(tx: Tx, row: TenantRow): Promise<TenantRow> {
  const [stored] = await tx<TenantRow[]>`
    update tenants
    set name = ${row.name}, plan = ${row.plan}, status = ${row.status}, timezone = ${row.timezone},
        country = ${row.country}, language = ${row.language}, settings = ${tx.json(row.settings as never)}, updated_at = now()
    where tenant_id = ${row.tenantId} returning ${tenantColumns(tx)}`;
  return stored!;
}

/**
 * A page of all tenants, by name or slug, for the operator. Worker role: no tenant's transaction
 * sees another.
 */
export async function listTenants(
  workerDb: Database,
  search: string | undefined,
  limit: number,
  offset: number,
): Promise<{ rows: TenantRow[]; total: number }> {
  return withWorker(workerDb, async (tx) => {
    const like = `%${(search ?? '').replace(/[\\%_]/g, '\\$&')}%`;
    const matching = () => (search ? tx`where name ilike ${like} or slug ilike ${like}` : tx``);
    const [rows, [counted]] = await Promise.all([
      tx<TenantRow[]>`
        select ${tenantColumns(tx)} from tenants ${matching()} order by created_at, tenant_id limit ${limit} offset ${offset}`,
      tx<{ count: number }[]>`select count(*)::int as count from tenants ${matching()}`,
    ]);
    return { rows, total: counted!.count };
  });
}

/** The tenant as the internal API shows it, its plan's limits included. */
export function tenantView(row: TenantRow): Tenant {
  const { tenantId, createdAt, unprovedUntil, ...rest } = row;
  const { maxUsers, maxChannels, maxMessages, maxConversations } = PLANS[row.plan];
  return {
    id: tenantId,
    ...rest,
    country: countryOf(row),
    limits: { maxUsers, maxChannels, maxMessages, maxConversations },
    unprovedUntil: unprovedUntil?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
