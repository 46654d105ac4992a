import { columns, type Tx } from '@recado/database';
import { NotFound } from '@recado/service-kit';
import { customFieldDefinitions } from '../schema.ts';

const fieldColumns = columns(customFieldDefinitions, { alias: 'f', except: ['tenantId'] });
export type FieldRow = typeof fieldColumns.$row;

export const selectFields = (tx: Tx, tenantId: string) =>
  tx<FieldRow[]>`
    select ${fieldColumns(tx)} from custom_field_definitions f where f.tenant_id = ${tenantId} order by f.id`;

/** Undefined when the key is defined already. */
export async function insertField(
  tx: Tx,
  tenantId: string,
  { id, key, label, type, options }: Omit<FieldRow, 'createdAt' | 'updatedAt'>,
): Promise<FieldRow | undefined> {
  const [row] = await tx<FieldRow[]>`
    insert into custom_field_definitions as f (tenant_id, id, key, label, type, options)
    values (${tenantId}, ${id}, ${key}, ${label}, ${type}, ${options})
    on conflict (tenant_id, key) do nothing returning ${fieldColumns(tx)}`;
  return row;
}

/** @throws NotFound `custom_field` */
export async function lockField(tx: Tx, tenantId: string, id: string): Promise<FieldRow> {
  const [row] = await tx<FieldRow[]>`
    select ${fieldColumns(tx)} from custom_field_definitions f
    where f.tenant_id = ${tenantId} and f.id = ${id} for update`;
  if (!row) throw new NotFound('custom_field', id);
  return row;
}

export async function patchField(
  tx: Tx,
  tenantId: string,
  { id, label, options }: Pick<FieldRow, 'id' | 'label' | 'options'>,
): Promise<FieldRow> {
  const [row] = await tx<FieldRow[]>`
    update custom_field_definitions f set label = ${label}, options = ${options}, updated_at = now()
    where f.tenant_id = ${tenantId} and f.id = ${id} returning ${fieldColumns(tx)}`;
  return row!;
}

export const deleteField = (tx: Tx, tenantId: string, id: string) =>
  tx`delete from custom_field_definitions where tenant_id = ${tenantId} and id = ${id}`;
