import type { dispatchUncertain, EventData } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Delivered } from '@recado/messaging';

/** Keeps which sends lost their answer, so that people find them while their status is awaited. */
export function keepUncertain(tx: Tx, events: readonly Delivered<EventData<typeof dispatchUncertain>>[]) {
  return tx`
    insert into uncertain_messages (tenant_id, id, message_id, at, until)
    select * from unnest(${events.map(({ tenantId }) => tenantId)}::uuid[], ${events.map(({ id }) => id)}::uuid[],
                         ${events.map(({ data }) => data.messageId)}::uuid[],
                         ${events.map(({ data }) => data.at)}::text[]::timestamptz[],
                         ${events.map(({ data }) => data.until ?? null)}::text[]::timestamptz[])
    on conflict do nothing`;
}

/** Drops those older than 90 days, at most 10,000. */
export async function pruneUncertain(tx: Tx): Promise<void> {
  await tx`
    delete from uncertain_messages where ctid in (
      select ctid from uncertain_messages where created_at < now() - interval '90 days' limit 10000)`;
}
