import type { AuditEntry, analyticsApi, RouteInput } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import type { Slice } from '@recado/service-kit';
import { auditLog } from '../schema.ts';

/** A line of the audit log: an entry and its tenant. */
export interface AuditLine extends AuditEntry, Pick<typeof auditLog.$inferSelect, 'tenantId' | 'id'> {}

export type AuditFilter = Pick<
  RouteInput<typeof analyticsApi.listAudit>['query'],
  'userId' | 'action' | 'entityType' | 'entityId' | 'success' | 'from' | 'to'
>;
/** Where a page ended. */
export interface AuditKeys {
  at: string;
  id: string;
}

const lineColumns = columns(auditLog, { except: ['tenantId'] });

/** Adds lines in one statement; those that are there already stay as they are. */
export async function insertLines(tx: Tx, lines: readonly AuditLine[]): Promise<void> {
  if (lines.length === 0) return;
  const column = <K extends keyof AuditLine>(name: K) => lines.map((line) => line[name]);
  await tx`
    insert into audit_log (tenant_id, id, actor_kind, user_id, api_key_id, service, action, entity_type, entity_id, changes,
                           success, reason, ip, user_agent, edition, request_id, at)
    select * from unnest(
      ${column('tenantId')}::uuid[], ${column('id')}::uuid[], ${lines.map((l) => l.actor.kind)}::text[],
      ${lines.map((l) => l.actor.userId)}::uuid[], ${lines.map((l) => l.actor.apiKeyId)}::uuid[],
      ${lines.map((l) => l.actor.service)}::text[], ${column('action')}::text[], ${column('entityType')}::text[],
      ${column('entityId')}::text[], ${lines.map((l) => l.changes && JSON.stringify(l.changes))}::text[]::jsonb[],
      ${lines.map((l) => String(l.success))}::text[]::boolean[], ${column('reason')}::text[], ${column('ip')}::text[],
      ${column('userAgent')}::text[], ${column('edition')}::text[], ${column('requestId')}::text[],
      ${column('at')}::text[]::timestamptz[])
    on conflict do nothing`;
}

/** Fields whose values say nothing of a person. */
const PLAIN_FIELDS = [
  'archived',
  'assignedUserId',
  'campaignId',
  'isActive',
  'isBlocked',
  'leadStatus',
  'note',
  'optIn',
  'outcome',
  'priority',
  'size',
  'status',
  'type',
];

/** Keeps which fields of these things were changed, and no value that may name a person. */
export const eraseValues = (tx: Tx, tenantId: string, entityIds: readonly string[]) => tx`
  update audit_log a set changes = (
    select jsonb_object_agg(c.key, case when c.key = any(${PLAIN_FIELDS}::text[]) then c.value
                                        else '{"from": null, "to": null}'::jsonb end)
    from jsonb_each(a.changes) c)
  where a.tenant_id = ${tenantId} and a.entity_id = any(${entityIds as string[]}::text[]) and a.changes is not null
    and a.changes <> '{}'`;

/** The statement of a page; a test asks Postgres how it would read it. */
export const pageQuery = (
  tx: Tx,
  tenantId: string,
  filter: AuditFilter,
  { after, offset, limit }: Slice<AuditKeys>,
) => tx`
  select ${lineColumns(tx)} from audit_log
  where ${matches(tx, tenantId, filter)}
    ${after ? tx`and (at, id) < (${after.at}::text::timestamptz, ${after.id}::uuid)` : tx``}
  order by at desc, id desc limit ${limit} offset ${offset}`;

/** Lines, the latest first. */
export async function selectLines(
  tx: Tx,
  tenantId: string,
  filter: AuditFilter,
  slice: Slice<AuditKeys>,
): Promise<(AuditEntry & { id: string })[]> {
  const rows = await tx<(typeof lineColumns.$row)[]>`${pageQuery(tx, tenantId, filter, slice)}`;
  return rows.map(({ actorKind, userId, apiKeyId, service, at, ...row }) => ({
    ...row,
    actor: { kind: actorKind, userId, apiKeyId, service },
    at: at.toISOString(),
  }));
}

/** How many lines there are; counting ends at `atMost`. */
export async function countLines(tx: Tx, tenantId: string, filter: AuditFilter, atMost: number): Promise<number> {
  const [row] = await tx<{ total: number }[]>`
    select count(*)::int as total from (
      select from audit_log where ${matches(tx, tenantId, filter)} limit ${atMost}
    ) counted`;
  return row!.total;
}

// `not success` as the index of failures says it: a comparison with a value would not use it.
function matches(tx: Tx, tenantId: string, f: AuditFilter) {
  return tx`tenant_id = ${tenantId}
    ${f.userId ? tx`and user_id = ${f.userId}` : tx``}
    ${f.action ? tx`and action = ${f.action}` : tx``}
    ${f.entityType ? tx`and entity_type = ${f.entityType}` : tx``}
    ${f.entityId ? tx`and entity_id = ${f.entityId}` : tx``}
    ${f.success === undefined ? tx`` : f.success ? tx`and success` : tx`and not success`}
    ${f.from ? tx`and at >= ${f.from}::text::timestamptz` : tx``}
    ${f.to ? tx`and at < ${f.to}::text::timestamptz` : tx``}`;
}

/** Drops lines of before, at most `limit`; how many. */
export async function pruneLines(tx: Tx, before: Date, limit: number): Promise<number> {
  const gone = await tx`
    delete from audit_log where ctid in (select ctid from audit_log where at < ${before} limit ${limit})`;
  return gone.count;
}
