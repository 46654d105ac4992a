import { type conversationApi, firstIdAt, type RouteInput, type RouteResult, uuid } from '@recado/contracts';
import { type Database, readTenant, type Tx } from '@recado/database';
import { walkOf } from '@recado/service-kit';
import { messageColumns, type StoredMessage } from './store.ts';
import { messageView } from './views.ts';

type Query = RouteInput<typeof conversationApi.listUndelivered>['query'];
type Result = RouteResult<typeof conversationApi.listUndelivered>;

/** By the report that made it fail: its id follows the time. */
const walk = walkOf('undelivered', { id: uuid() });
const DEFAULT_MS = 30 * 24 * 3600 * 1000;

type Row = StoredMessage & {
  reportId: string;
  reportedAt: Date;
  contactId: string;
  contactName: string | null;
  contactPhone: string | null;
  retriedBy: string | null;
};

/** Messages that failed, the last to fail first, with whom they were for. */
export async function listUndelivered(db: Database, tenantId: string, query: Query, now: Date): Promise<Result> {
  const { limit } = query;
  const { after } = walk.slice(query);
  const [rows] = await readTenant(db, tenantId, (tx) => [selectFailures(tx, tenantId, query, after?.id ?? null, now)]);
  const { items, nextCursor } = walk.page(rows, limit, ({ reportId: id }) => ({ id }));
  return {
    items: items.map((row) => ({
      message: messageView(row),
      contact: { id: row.contactId, name: row.contactName, phone: row.contactPhone },
      failedAt: (row.failedAt ?? row.reportedAt).toISOString(),
      retriedBy: row.retriedBy,
    })),
    nextCursor,
  };
}

export function selectFailures(tx: Tx, tenantId: string, query: Query, before: string | null, now: Date) {
  const { channelId, code, phone, from, to, limit } = query;
  const first = firstIdAt(from ? Date.parse(from) : now.getTime() - DEFAULT_MS);
  const digits = phone?.replaceAll(/\D/g, '');
  // Of a message that was reported as failed more than once, the last report counts. `offset 0`
  // keeps each look-up one by key: joined freely, Postgres read all of a tenant's messages.
  return tx<Row[]>`
    select ${messageColumns(tx)}, s.id as "reportId", s.at as "reportedAt", k.id as "contactId", k.name as "contactName",
           k.phone as "contactPhone",
           (select r.retry_id from message_retries r
            where r.tenant_id = ${tenantId} and r.message_id = s.message_id) as "retriedBy"
    from message_statuses s
    cross join lateral (
      select m.* from messages m
      where m.tenant_id = ${tenantId} and m.id = s.message_id and m.status = 'failed'
        ${channelId ? tx`and m.channel_id = ${channelId}` : tx``}
        ${code ? tx`and m.error_code = ${code}` : tx``}
      offset 0) m
    cross join lateral (
      select k.id, k.name, coalesce(c.peer_phone, k.phone) as phone
      from conversations c join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
      where c.tenant_id = ${tenantId} and c.id = m.conversation_id
        ${phone ? tx`and (strpos(c.peer_phone, ${digits!}) > 0 or strpos(k.phone, ${digits!}) > 0)` : tx``}
      offset 0) k
    where s.tenant_id = ${tenantId} and s.status = 'failed' and s.id >= ${first}
      ${to ? tx`and s.id < ${firstIdAt(Date.parse(to) + 1)}` : tx``}
      ${before ? tx`and s.id < ${before}` : tx``}
      and not exists (
        select from message_statuses later
        where later.tenant_id = ${tenantId} and later.message_id = s.message_id and later.status = 'failed'
          and later.id > s.id
        offset 0)
    order by s.id desc limit ${limit + 1}`;
}
