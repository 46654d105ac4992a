import { columns, type Sql, type Tx } from '@recado/database';
import { groupLookUps } from '../schema.ts';

const keyColumns = columns(groupLookUps, { alias: 'g', only: ['tenantId', 'channelId', 'groupId'] });
export type GroupKey = typeof keyColumns.$row;

/** Notes a look at these groups now, and returns those that had none within a day. */
export function takeDueGroups(tx: Tx, groups: readonly GroupKey[]) {
  const sorted = groups.toSorted((a, b) => (`${a.channelId} ${a.groupId}` < `${b.channelId} ${b.groupId}` ? -1 : 1));
  return tx<GroupKey[]>`
    insert into group_look_ups as g (tenant_id, channel_id, group_id)
    select * from unnest(${sorted.map((one) => one.tenantId)}::uuid[], ${sorted.map((one) => one.channelId)}::uuid[],
                         ${sorted.map((one) => one.groupId)}::text[])
    on conflict (tenant_id, channel_id, group_id) do update set ordered_at = now()
    where g.ordered_at < now() - interval '1 day'
    returning ${keyColumns(tx)}`;
}

/** Forgets groups that were silent for 90 days, at most 10,000. */
export async function pruneLookUps(sql: Sql): Promise<void> {
  await sql`
    delete from group_look_ups where ctid in (
      select ctid from group_look_ups where ordered_at < now() - interval '90 days' limit 10000)`;
}
