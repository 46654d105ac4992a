import type { Role } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import { users } from '../schema.ts';

const activeColumns = columns(users, { alias: 'u', only: ['tenantId', 'id'] });
const holderColumns = columns(users, { only: ['tenantId', 'id', 'role'] });

/**
 * The recipients: the first of the named users who exists and is active; if none is, all users with
 * one of the roles.
 */
export interface Recipients {
  people: readonly (string | null)[];
  otherwise: readonly Role[];
  /** Users with these roles get it in any case. */
  also?: readonly Role[];
}

export interface Addressed {
  tenantId: string;
  to: Recipients;
}

/** Finds whom each is for, in two statements for any number of them. Worker role. */
export async function findRecipients(tx: Tx, all: readonly Addressed[]): Promise<string[][]> {
  const active = await findActive(tx, all);
  const chosen = all.map(({ tenantId, to }) => to.people.find((id) => id !== null && active.has(`${tenantId} ${id}`)));
  const roles = all.map(({ to: { otherwise, also = [] } }, i) => (chosen[i] ? also : [...otherwise, ...also]));
  const holders = await findHolders(
    tx,
    all.flatMap(({ tenantId }, i) => (roles[i]!.length > 0 ? [{ tenantId, roles: roles[i]! }] : [])),
  );
  return all.map(({ tenantId }, i) => {
    const one = chosen[i];
    const held = holders.filter((user) => user.tenantId === tenantId && roles[i]!.includes(user.role));
    return [...new Set([...(one ? [one] : []), ...held.map(({ id }) => id)])];
  });
}

async function findActive(tx: Tx, all: readonly Addressed[]): Promise<Set<string>> {
  const named = all.flatMap(({ tenantId, to }) => to.people.flatMap((id) => (id ? [{ tenantId, id }] : [])));
  if (named.length === 0) return new Set();
  const rows = await tx<(typeof activeColumns.$row)[]>`
    select ${activeColumns(tx)}
    from unnest(${named.map((one) => one.tenantId)}::uuid[], ${named.map((one) => one.id)}::uuid[]) as n (tenant_id, id)
    join users u on u.tenant_id = n.tenant_id and u.id = n.id
    where u.status = 'active' and u.deleted_at is null`;
  return new Set(rows.map(({ tenantId, id }) => `${tenantId} ${id}`));
}

async function findHolders(
  tx: Tx,
  all: readonly { tenantId: string; roles: readonly Role[] }[],
): Promise<(typeof holderColumns.$row)[]> {
  if (all.length === 0) return [];
  const tenantIds = [...new Set(all.map(({ tenantId }) => tenantId))];
  const roles = [...new Set(all.flatMap((one) => one.roles))];
  return tx<(typeof holderColumns.$row)[]>`
    select ${holderColumns(tx)} from users
    where tenant_id = any(${tenantIds}::uuid[]) and role = any(${roles}::text[])
      and status = 'active' and deleted_at is null
    order by created_at, id`;
}
