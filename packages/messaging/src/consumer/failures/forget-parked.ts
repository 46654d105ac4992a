import type { Tx } from '../../types.ts';

/** A shorter one could stand in any event. */
const SHORTEST = 6;

/**
 * Deletes a tenant's parked and waiting events that hold one of these texts, as ids or addresses of
 * a person who was erased. News of the erasure itself stay. Worker role.
 */
export async function forgetParked(tx: Tx, tenantId: string, texts: readonly string[]): Promise<void> {
  const patterns = texts
    .filter(({ length }) => length >= SHORTEST)
    .map((text) => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`);
  if (patterns.length === 0) return;
  for (const table of ['dead_letters', 'delivery_tries'] as const) {
    await tx`
      delete from ${tx(table)} d
      where d.tenant_id = ${tenantId} and d.envelope like any(${patterns}::text[])
        and d.subject not like '%.contact.erased' and d.subject not like '%.contact.deleted'`;
  }
}
