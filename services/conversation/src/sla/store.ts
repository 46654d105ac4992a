import { columns, type Tx } from '@recado/database';
import type { ConversationKey } from '../routing/store.ts';
import { campaigns, conversationClocks, conversations } from '../schema.ts';
import type { WaitingRule } from './rules.ts';

const factColumns = columns(conversations, {
  alias: 'c',
  only: [
    'tenantId',
    'id',
    'channelId',
    'contactId',
    'campaignId',
    'status',
    'createdAt',
    'assignedUserId',
    'assignedAt',
    'awaitedSince',
    'firstResponseAt',
    'closedAt',
    'snoozedUntil',
  ],
});
/** A conversation as its clocks see it. */
export type FactsRow = typeof factColumns.$row & { isBlocked: boolean };

const settingColumns = columns(campaigns, {
  alias: 'g',
  only: [
    'tenantId',
    'id',
    'slaFirstResponseSeconds',
    'slaNextResponseSeconds',
    'slaResolutionSeconds',
    'slaWarnPercent',
    'silenceSeconds',
    'silenceAction',
    'botEnabled',
    'clocksInHours',
    'businessHours',
    'timezone',
    'holidays',
  ],
});
/** What a campaign sets of clocks. */
export type SettingsRow = typeof settingColumns.$row;

const clockColumns = columns(conversationClocks, { alias: 's', except: ['updatedAt'] });
export type ClocksRow = typeof clockColumns.$row;

/** The table is `g`. */
const hasClocks = (tx: Tx) => tx`
  g.deleted_at is null and g.status = 'active'
  and coalesce(g.sla_first_response_seconds, g.sla_next_response_seconds, g.sla_resolution_seconds, g.silence_seconds)
    is not null`;

/** Campaigns with clocks, of these tenants. */
export const selectSettings = (tx: Tx, tenantIds: readonly string[]) =>
  tx<SettingsRow[]>`
    select ${settingColumns(tx)} from campaigns g
    where g.tenant_id = any(${tenantIds as string[]}::uuid[]) and ${hasClocks(tx)}`;

/** Rules that wait with a customer, of these tenants. */
export const selectWaitingRules = (tx: Tx, tenantIds: readonly string[]) =>
  tx<(WaitingRule & { tenantId: string })[]>`
    select r.tenant_id as "tenantId", r.id, r.after_seconds as "afterSeconds" from rules r
    where r.tenant_id = any(${tenantIds as string[]}::uuid[]) and r.event = 'customer.waiting' and r.enabled`;

/** Those of these conversations whose clocks run by themselves. */
export const selectClocked = (tx: Tx, keys: readonly ConversationKey[]) =>
  tx<ConversationKey[]>`
    select s.tenant_id as "tenantId", s.conversation_id as id
    from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.id)}::uuid[]) as n (tenant_id, id)
    join conversation_clocks s on s.tenant_id = n.tenant_id and s.conversation_id = n.id`;

export async function lockClocks(tx: Tx, keys: readonly ConversationKey[]): Promise<ClocksRow[]> {
  const [tenantIds, ids] = [keys.map((k) => k.tenantId), keys.map((k) => k.id)];
  await tx`
    insert into conversation_clocks (tenant_id, conversation_id, clocks)
    select tenant_id, id, '{}' from unnest(${tenantIds}::uuid[], ${ids}::uuid[]) as n (tenant_id, id)
    order by 1, 2 on conflict do nothing`;
  return tx<ClocksRow[]>`
    select ${clockColumns(tx)}
    from unnest(${tenantIds}::uuid[], ${ids}::uuid[]) as n (tenant_id, id)
    join conversation_clocks s on s.tenant_id = n.tenant_id and s.conversation_id = n.id
    order by s.tenant_id, s.conversation_id for update of s`;
}

export const selectFacts = (tx: Tx, keys: readonly ConversationKey[]) =>
  tx<FactsRow[]>`
    select ${factColumns(tx)},
           exists (select from contacts k where k.tenant_id = c.tenant_id and k.id = c.contact_id
                   and (k.blocked_at is not null or k.group_address is not null)) as "isBlocked"
    from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.id)}::uuid[]) as n (tenant_id, id)
    join conversations c using (tenant_id, id)`;

/** Writes locked clocks. */
export async function writeClocks(tx: Tx, rows: readonly ClocksRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    update conversation_clocks s set
      clocks = n.clocks, timer_at = n."timerAt", due_at = n."dueAt", is_breached = n."isBreached",
      passed_over = n."passedOver", updated_at = now()
    from jsonb_to_recordset(${tx.json(rows as never)}) as n (
      "tenantId" uuid, "conversationId" uuid, clocks jsonb, "timerAt" timestamptz, "dueAt" timestamptz,
      "isBreached" boolean, "passedOver" jsonb)
    where s.tenant_id = n."tenantId" and s.conversation_id = n."conversationId"`;
}

/** The clocks of conversation `c` beside its columns. */
export const clocksColumn = (tx: Tx) => tx`(
  select s.clocks from conversation_clocks s
  where s.tenant_id = c.tenant_id and s.conversation_id = c.id) as clocks`;
