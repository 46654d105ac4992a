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

function selectFailures(tx: Tx, tenantId: string, query: Query, before: string | null, now: Date) {
  const { channelId, code, phone, from, to, limit } = query;
  const first = firstIdAt(from ? Date.parse(from) : now.getTime() - DEFAULT_MS);
  const digits = phone?.replaceAll(/\D/g, '');
  // Of a message that was reported as failed more than once, the last report counts.
  return tx<Row[]>`
    select ${messageColumns(tx)}, s.id as "reportId", s.at as "reportedAt", k.id as "contactId", k.name as "contactName",
           coalesce(c.peer_phone, k.phone) as "contactPhone", r.retry_id as "retriedBy"
    from message_statuses s
    join messages m on m.tenant_id = s.tenant_id and m.id = s.message_id and m.status = 'failed'
    join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
    join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
    left join message_retries r on r.tenant_id = m.tenant_id and r.message_id = m.id
    where s.tenant_id = ${tenantId} and s.status = 'failed' and s.id >= ${first}
      ${to ? tx`and s.id < ${firstIdAt(Date.parse(to) + 1)}` : tx``}
      ${before ? tx`and s.id < ${before}` : tx``}
      ${channelId ? tx`and m.channel_id = ${channelId}` : tx``}
      ${code ? tx`and m.error_code = ${code}` : tx``}
      ${phone ? tx`and (strpos(c.peer_phone, ${digits!}) > 0 or strpos(k.phone, ${digits!}) > 0)` : tx``}
      and not exists (
        select from message_statuses later
        where later.tenant_id = s.tenant_id and later.message_id = s.message_id and later.status = 'failed'
          and later.id > s.id)
    order by s.id desc limit ${limit + 1}`;
}
