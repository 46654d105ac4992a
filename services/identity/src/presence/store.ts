import { type AgentStatusChange, buildEvent, presenceChanged, uuidv7 } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import type { Slice } from '@recado/service-kit';
import { agentStatusChanges } from '../schema.ts';
import { type UserRow, userColumns } from '../users/store.ts';

export interface PresenceChange {
  agentStatus: UserRow['agentStatus'];
  reason: string | null;
  changedBy: string | null;
}

/**
 * Gives a user, whose row the caller has locked, another presence: ends the present entry of the
 * history, begins the next.
 * @returns the user as it is now and the event, to be enqueued
 */
export async function changePresence(tx: Tx, before: UserRow, change: PresenceChange, traceparent?: string) {
  const { tenantId, id: userId } = before;
  const { agentStatus, reason, changedBy } = change;
  // Clocks of two processes may differ by a little: no entry ends before it begins.
  const at = new Date(Math.max(Date.now(), before.agentStatusAt?.getTime() ?? 0));
  const [[user]] = await Promise.all([
    tx<UserRow[]>`
      update users
      set agent_status = ${agentStatus}, agent_status_reason = ${reason}, agent_status_at = ${at}, updated_at = now()
      where tenant_id = ${tenantId} and id = ${userId} returning ${userColumns(tx)}`,
    tx`update agent_status_changes set ended_at = ${at}
       where tenant_id = ${tenantId} and user_id = ${userId} and ended_at is null`,
    tx`insert into agent_status_changes (tenant_id, id, user_id, agent_status, reason, changed_by, at)
       values (${tenantId}, ${uuidv7()}, ${userId}, ${agentStatus}, ${reason}, ${changedBy}, ${at})`,
  ]);
  const data = { userId, agentStatus, previousStatus: before.agentStatus, reason, at: at.toISOString() };
  const event = buildEvent(presenceChanged, { tenantId, subject: userId, traceparent, time: at, data });
  return { user: user!, event };
}

export interface Period {
  from?: string | undefined;
  to?: string | undefined;
}
const changeColumns = columns(agentStatusChanges, { except: ['tenantId', 'endedAt'] });
type ChangeRow = typeof changeColumns.$row & Pick<AgentStatusChange, 'seconds'>;

export const selectChanges = (
  tx: Tx,
  tenantId: string,
  userId: string,
  period: Period,
  { after, limit, offset }: Slice<{ at: string; id: string }>,
) => tx<ChangeRow[]>`
  select ${changeColumns(tx)},
         round(extract(epoch from ended_at - at))::int as seconds
  from agent_status_changes where ${within(tx, tenantId, userId, period)}
    ${after ? tx`and (at, id) < (${after.at}::timestamptz, ${after.id}::uuid)` : tx``}
  order by at desc, id desc limit ${limit} offset ${offset}`;

export const countChanges = (tx: Tx, tenantId: string, userId: string, period: Period) =>
  tx<{ count: number }[]>`
    select count(*)::int as count from agent_status_changes where ${within(tx, tenantId, userId, period)}`;

/** ISO 8601 has a year 0 and Postgres has none; nothing of ours is older than 1970. */
const known = (time: string): Date => new Date(Math.max(Date.parse(time), 0));

/** What was going on in the period, begun before it or not. */
const within = (tx: Tx, tenantId: string, userId: string, { from, to }: Period) => tx`
  tenant_id = ${tenantId} and user_id = ${userId}
  ${from ? tx`and (ended_at is null or ended_at > ${known(from)})` : tx``} ${to ? tx`and at < ${known(to)}` : tx``}`;

export const changeView = (row: ChangeRow): AgentStatusChange => ({ ...row, at: row.at.toISOString() });
