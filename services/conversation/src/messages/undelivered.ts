import { type conversationApi, firstIdAt, type RouteInput, type RouteResult, UNCERTAIN, uuid } from '@recado/contracts';
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
  state: 'failed' | 'uncertain';
  until: Date | null;
};

/** Messages that failed or whose fate is unknown, the last first, with whom they were for. */
export async function listUndelivered(db: Database, tenantId: string, query: Query, now: Date): Promise<Result> {
  const { limit } = query;
  const { after } = walk.slice(query);
  const before = after?.id ?? null;
  const [failed, uncertain] = await readTenant(db, tenantId, (tx) => [
    selectFailures(tx, tenantId, query, before, now),
    selectUncertain(tx, tenantId, query, before, now),
  ]);
  const rows = [...failed, ...uncertain].sort((a, b) => (a.reportId < b.reportId ? 1 : -1)).slice(0, limit + 1);
  const { items, nextCursor } = walk.page(rows, limit, ({ reportId: id }) => ({ id }));
  return {
    items: items.map((row) => ({
      message: messageView(row),
      contact: { id: row.contactId, name: row.contactName, phone: row.contactPhone },
      failedAt: (row.failedAt ?? row.reportedAt).toISOString(),
      state: row.state,
      settles: settlesBy(row),
      retriedBy: row.retriedBy,
    })),
    nextCursor,
  };
}

/** What will tell the fate of a message; null where it is known. */
function settlesBy({ state, until, errorCode }: Row): Result['items'][number]['settles'] {
  if (state === 'uncertain') return { by: 'status', until: until?.toISOString() ?? null };
  return errorCode === UNCERTAIN ? { by: 'person', until: null } : null;
}

/** Messages whose last report is that they failed, along an index of such reports. */
export function selectFailures(tx: Tx, tenantId: string, query: Query, before: string | null, now: Date) {
  const { code } = query;
  // Of a message that was reported as failed more than once, the last report counts. `offset 0`
  // keeps each look-up one by key: joined freely, Postgres read all of a tenant's messages.
  return tx<Row[]>`
    select ${shown(tx, tenantId)}, 'failed' as state, null as until
    from message_statuses s
    ${itsMessage(tx, tenantId, query, code ? tx`m.status = 'failed' and m.error_code = ${code}` : tx`m.status = 'failed'`)}
    where ${within(tx, tenantId, query, before, now)} and s.status = 'failed'
      and not exists (
        select from message_statuses later
        where later.tenant_id = ${tenantId} and later.message_id = s.message_id and later.status = 'failed'
          and later.id > s.id
        offset 0)
    order by s.id desc limit ${query.limit + 1}`;
}

/** Sends whose answer was lost, and that no status has settled yet. */
export function selectUncertain(tx: Tx, tenantId: string, query: Query, before: string | null, now: Date) {
  const { code } = query;
  return tx<Row[]>`
    select ${shown(tx, tenantId)}, 'uncertain' as state, s.until
    from uncertain_messages s
    ${itsMessage(tx, tenantId, query, tx`m.status = 'pending'`)}
    where ${within(tx, tenantId, query, before, now)} ${code && code !== UNCERTAIN ? tx`and false` : tx``}
    order by s.id desc limit ${query.limit + 1}`;
}

const shown = (tx: Tx, tenantId: string) => tx`
  ${messageColumns(tx)}, s.id as "reportId", s.at as "reportedAt", k.id as "contactId", k.name as "contactName",
  k.phone as "contactPhone",
  (select r.retry_id from message_retries r
   where r.tenant_id = ${tenantId} and r.message_id = s.message_id) as "retriedBy"`;

/** The message of a report, with its customer. */
function itsMessage(tx: Tx, tenantId: string, query: Query, state: ReturnType<typeof shown>) {
  const { channelId, contactId, phone } = query;
  const digits = phone?.replaceAll(/\D/g, '');
  return tx`
    cross join lateral (
      select m.* from messages m
      where m.tenant_id = ${tenantId} and m.id = s.message_id and ${state}
        ${channelId ? tx`and m.channel_id = ${channelId}` : tx``}
      offset 0) m
    cross join lateral (
      select k.id, k.name, coalesce(c.peer_phone, k.phone) as phone
      from conversations c join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
      where c.tenant_id = ${tenantId} and c.id = m.conversation_id
        ${contactId ? tx`and c.contact_id = ${contactId}` : tx``}
        ${phone ? tx`and (strpos(c.peer_phone, ${digits!}) > 0 or strpos(k.phone, ${digits!}) > 0)` : tx``}
      offset 0) k`;
}

/** The times of a query, by ids that follow the time. */
function within(tx: Tx, tenantId: string, { from, to }: Query, before: string | null, now: Date) {
  const first = firstIdAt(from ? Date.parse(from) : now.getTime() - DEFAULT_MS);
  return tx`s.tenant_id = ${tenantId} and s.id >= ${first}
    ${to ? tx`and s.id < ${firstIdAt(Date.parse(to) + 1)}` : tx``} ${before ? tx`and s.id < ${before}` : tx``}`;
}
