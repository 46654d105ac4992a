import type { RuleEvent } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import { NotFound, type Slice } from '@recado/service-kit';
import { type Counted, countRows } from '../counted.ts';
import { ruleRuns, rules } from '../schema.ts';

/** The columns of a RuleRow; the table is `r`. */
const ruleColumns = columns(rules, { alias: 'r' });
export type RuleRow = typeof ruleColumns.$row;

/** What a person sets of a rule. */
export type RuleSettings = Pick<
  RuleRow,
  'name' | 'enabled' | 'event' | 'afterSeconds' | 'conditions' | 'actions' | 'stop'
>;

const runColumns = columns(ruleRuns, { alias: 'l' });
export type RunRow = typeof runColumns.$row;

/** The tenant's rules in their order. */
export const selectRules = (tx: Tx, tenantId: string) =>
  tx<RuleRow[]>`
    select ${ruleColumns(tx)} from rules r where r.tenant_id = ${tenantId} order by r.position, r.id`;

export const selectRule = (tx: Tx, tenantId: string, id: string) =>
  tx<RuleRow[]>`select ${ruleColumns(tx)} from rules r where r.tenant_id = ${tenantId} and r.id = ${id}`;

/** Those that run for an event, in their order. */
export const selectRulesOf = (tx: Tx, tenantId: string, event: RuleEvent) =>
  tx<RuleRow[]>`
    select ${ruleColumns(tx)} from rules r
    where r.tenant_id = ${tenantId} and r.event = ${event} and r.enabled order by r.position, r.id`;

/** @throws NotFound `rule` */
export async function lockRule(tx: Tx, tenantId: string, id: string): Promise<RuleRow> {
  const [row] = await tx<RuleRow[]>`
    select ${ruleColumns(tx)} from rules r where r.tenant_id = ${tenantId} and r.id = ${id} for update`;
  if (!row) throw new NotFound('rule', id);
  return row;
}

export async function insertRule(tx: Tx, row: Omit<RuleRow, 'createdAt' | 'updatedAt'>): Promise<RuleRow> {
  const [made] = await tx<RuleRow[]>`
    insert into rules as r (tenant_id, id, name, enabled, position, event, after_seconds, conditions, actions, stop, created_by,
      author_key_id)
    values (${row.tenantId}, ${row.id}, ${row.name}, ${row.enabled}, ${row.position}, ${row.event}, ${row.afterSeconds},
            ${row.conditions && tx.json(row.conditions as never)}, ${tx.json(row.actions as never)}, ${row.stop},
            ${row.createdBy}, ${row.authorKeyId})
    returning ${ruleColumns(tx)}`;
  return made!;
}

/** @param authorKeyId the key that writes it; null: a user does */
export async function patchRule(
  tx: Tx,
  { tenantId, id, authorKeyId }: Pick<RuleRow, 'tenantId' | 'id' | 'authorKeyId'>,
  rule: RuleSettings,
): Promise<RuleRow> {
  const [row] = await tx<RuleRow[]>`
    update rules r set
      name = ${rule.name}, enabled = ${rule.enabled}, event = ${rule.event}, after_seconds = ${rule.afterSeconds},
      conditions = ${rule.conditions && tx.json(rule.conditions as never)}, actions = ${tx.json(rule.actions as never)},
      stop = ${rule.stop}, author_key_id = ${authorKeyId}, updated_at = now()
    where r.tenant_id = ${tenantId} and r.id = ${id} returning ${ruleColumns(tx)}`;
  return row!;
}

export const deleteRule = (tx: Tx, tenantId: string, id: string) =>
  tx`delete from rules where tenant_id = ${tenantId} and id = ${id}`;

/** Gives rules the places of this list. */
export const setPositions = (tx: Tx, tenantId: string, ids: readonly string[]) =>
  tx`
    update rules r set position = n.position
    from unnest(${ids as string[]}::uuid[]) with ordinality as n (id, position)
    where r.tenant_id = ${tenantId} and r.id = n.id and r.position <> n.position`;

/** Which of these tenants have a rule for which of these events. */
export async function findRuled(
  tx: Tx,
  tenantIds: readonly string[],
  events: readonly RuleEvent[],
): Promise<Set<string>> {
  const rows = await tx<{ tenantId: string; event: string }[]>`
    select distinct r.tenant_id as "tenantId", r.event from rules r
    where r.tenant_id = any(${tenantIds as string[]}::uuid[]) and r.event = any(${events as string[]}::text[]) and r.enabled`;
  return new Set(rows.map(({ tenantId, event }) => `${tenantId} ${event}`));
}

/** The run of a rule for an event, made if there is none. */
export async function claimRun(
  tx: Tx,
  run: Pick<RunRow, 'tenantId' | 'id' | 'ruleId' | 'eventId' | 'event' | 'conversationId' | 'status'>,
): Promise<RunRow> {
  const [made] = await tx<RunRow[]>`
    insert into rule_runs as l (tenant_id, id, rule_id, event_id, event, conversation_id, status, ended_at)
    values (${run.tenantId}, ${run.id}, ${run.ruleId}, ${run.eventId}, ${run.event}, ${run.conversationId}, ${run.status},
            ${run.status === 'running' ? null : new Date()})
    on conflict (tenant_id, rule_id, event_id) do nothing returning ${runColumns(tx)}`;
  if (made) return made;
  const [known] = await tx<RunRow[]>`
    select ${runColumns(tx)} from rule_runs l
    where l.tenant_id = ${run.tenantId} and l.rule_id = ${run.ruleId} and l.event_id = ${run.eventId}`;
  return known!;
}

/** Notes what the actions of a run did. */
export const patchRun = (
  tx: Tx,
  { tenantId, id, status, actions }: Pick<RunRow, 'tenantId' | 'id' | 'status' | 'actions'>,
) =>
  tx`
    update rule_runs set status = ${status}, actions = ${tx.json(actions as never)},
      ended_at = ${status === 'running' ? null : new Date()}
    where tenant_id = ${tenantId} and id = ${id}`;

/** How often a rule ran in a conversation since then. */
export async function countRuns(
  tx: Tx,
  { tenantId, conversationId, ruleId }: Pick<RunRow, 'tenantId' | 'conversationId' | 'ruleId'>,
  since: Date,
): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from rule_runs l
    where l.tenant_id = ${tenantId} and l.conversation_id = ${conversationId} and l.rule_id = ${ruleId}
      and l.created_at > ${since} and l.status <> 'cut'`;
  return row!.count;
}

interface RunFilter {
  ruleId?: string | undefined;
  conversationId?: string | undefined;
}
const matching = (tx: Tx, tenantId: string, { ruleId, conversationId }: RunFilter) => tx`
  l.tenant_id = ${tenantId} ${ruleId ? tx`and l.rule_id = ${ruleId}` : tx``}
  ${conversationId ? tx`and l.conversation_id = ${conversationId}` : tx``}`;

/** A page of runs, the last first. */
export const selectRuns = (
  tx: Tx,
  tenantId: string,
  filter: RunFilter,
  { after, limit, offset }: Slice<{ id: string }>,
) => tx<RunRow[]>`
  select ${runColumns(tx)} from rule_runs l
  where ${matching(tx, tenantId, filter)} ${after ? tx`and l.id < ${after.id}::uuid` : tx``}
  order by l.id desc limit ${limit} offset ${offset}`;

export const countAllRuns = (tx: Tx, tenantId: string, filter: RunFilter): Promise<Counted> =>
  countRows(tx, tx`select from rule_runs l where ${matching(tx, tenantId, filter)}`);

/** Drops runs older than 90 days, at most 10,000. */
export async function pruneRuns(tx: Tx): Promise<void> {
  await tx`
    delete from rule_runs where ctid in (
      select ctid from rule_runs where created_at < now() - interval '90 days' limit 10000)`;
}
