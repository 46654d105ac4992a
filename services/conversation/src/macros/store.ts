import { columns, type Tx } from '@recado/database';
import { NotFound } from '@recado/service-kit';
import { macros } from '../schema.ts';

/** The columns of a MacroRow; the table is `m`. */
const macroColumns = columns(macros, { alias: 'm' });
export type MacroRow = typeof macroColumns.$row;

/** Those of all, and a user's own. */
const seen = (tx: Tx, tenantId: string, userId: string | null) =>
  tx`m.tenant_id = ${tenantId} and (m.owner_id is null or m.owner_id = ${userId}::uuid)`;

export const selectMacros = (tx: Tx, tenantId: string, userId: string | null) =>
  tx<MacroRow[]>`
    select ${macroColumns(tx)} from macros m where ${seen(tx, tenantId, userId)} order by lower(m.name), m.id`;

/** @throws NotFound `macro`, also of one that is another user's */
export async function getMacro(tx: Tx, tenantId: string, userId: string | null, id: string): Promise<MacroRow> {
  const [row] = await tx<MacroRow[]>`
    select ${macroColumns(tx)} from macros m where ${seen(tx, tenantId, userId)} and m.id = ${id} for update`;
  if (!row) throw new NotFound('macro', id);
  return row;
}

export async function insertMacro(tx: Tx, row: Omit<MacroRow, 'createdAt' | 'updatedAt'>): Promise<MacroRow> {
  const [made] = await tx<MacroRow[]>`
    insert into macros as m (tenant_id, id, name, owner_id, actions, created_by)
    values (${row.tenantId}, ${row.id}, ${row.name}, ${row.ownerId}, ${tx.json(row.actions as never)}, ${row.createdBy})
    returning ${macroColumns(tx)}`;
  return made!;
}

export async function patchMacro(tx: Tx, { tenantId, id, name, actions }: MacroRow): Promise<MacroRow> {
  const [row] = await tx<MacroRow[]>`
    update macros m set name = ${name}, actions = ${tx.json(actions as never)}, updated_at = now()
    where m.tenant_id = ${tenantId} and m.id = ${id} returning ${macroColumns(tx)}`;
  return row!;
}

export const deleteMacro = (tx: Tx, tenantId: string, id: string) =>
  tx`delete from macros where tenant_id = ${tenantId} and id = ${id}`;

/** Those of users who are gone. Worker role. */
export const deleteMacrosOf = (tx: Tx, users: readonly { tenantId: string; userId: string }[]) => tx`
  delete from macros m
  using unnest(${users.map((u) => u.tenantId)}::uuid[], ${users.map((u) => u.userId)}::uuid[]) as u (tenant_id, user_id)
  where m.tenant_id = u.tenant_id and m.owner_id = u.user_id`;
