import { type Tag, uuid } from '@recado/contracts';
import { type Database, readTenant, type Tx, withTenant } from '@recado/database';
import { type Slice, ValidationFailed, walkOf } from '@recado/service-kit';
import { z } from 'zod';
import { type Found, searchContacts } from '../contacts/search.ts';
import type { Clocks } from '../sla/rules.ts';
import { clocksColumn } from '../sla/store.ts';
import { tagsColumn } from '../tags/store.ts';
import { type ConversationQuery, countConversations, matches, type Wanted } from './matching.ts';
import { type ConversationWithContact, contactColumns, conversationColumns } from './store.ts';

/** Rows a page number may reach; deeper pages are for cursors, whose cost does not grow. */
const MAX_DEPTH = 10_000;
/**
 * A walk goes by creation, which messages do not change. The first page by number goes by activity;
 * its cursor begins the walk and leaves out what that page has `shown`.
 */
const walk = walkOf('conversations', { id: uuid().nullable(), shown: z.array(uuid()).max(100) });
interface Place {
  /** Null: nothing was walked yet. */
  id: string | null;
  shown: string[];
}

export type ListedConversation = ConversationWithContact & { tags: Tag[]; clocks: Clocks | null };

export interface ConversationPage {
  items: ListedConversation[];
  total: number | null;
  totalIsCapped?: true;
  nextCursor: string | null;
}

/**
 * Conversations with their contacts and the total, in one round trip: by their last activity, or by
 * cursor, the last created first.
 * @throws ValidationFailed for a cursor that is none of ours or a page beyond 10,000 rows
 */
export async function listConversations(
  db: Database,
  tenantId: string,
  query: ConversationQuery,
): Promise<ConversationPage> {
  const { cursor, limit } = query;
  const slice = walk.slice(query);
  if (slice.offset + limit > MAX_DEPTH) {
    throw new ValidationFailed([
      { field: 'page', message: `Pages reach ${MAX_DEPTH} rows; use the cursor beyond`, code: 'depth' },
    ]);
  }
  const queries = (tx: Tx, found?: Found) => {
    const wanted = { ...query, found };
    return [
      cursor === undefined ? selectPage(tx, tenantId, wanted, slice) : selectWalk(tx, tenantId, wanted, slice),
      query.count ? countConversations(tx, tenantId, wanted) : Promise.resolve({ total: null }),
    ] as const;
  };
  const { search } = query;
  const [rows, counted] = search
    ? await withTenant(
        db,
        tenantId,
        async (tx) => Promise.all(queries(tx, await searchContacts(tx, tenantId, search))),
        'search',
      )
    : await readTenant(db, tenantId, queries);
  const shown = slice.after?.shown ?? [];
  const { items, nextCursor } = walk.page(rows, limit, ({ id }) =>
    cursor === undefined
      ? { id: null, shown: rows.slice(0, limit).map((row) => row.id) }
      : { id, shown: shown.filter((other) => other < id) },
  );
  // Later pages by number can't be walked on from: what was before them is not known.
  return { items, ...counted, nextCursor: slice.offset > 0 ? null : nextCursor };
}

/**
 * A page's statement. `nulls last` lets Postgres use the index order (0.1 instead of 95 ms of
 * 40,000). Indexes hold `active_at`, and equal ten seconds are sorted by the exact time.
 */
export const selectPage = (tx: Tx, tenantId: string, query: Wanted, { offset, limit }: Slice<Place>) =>
  tx<ListedConversation[]>`
    select ${conversationColumns(tx)}, ${contactColumns(tx)}, ${tagsColumn(tx)}, ${clocksColumn(tx)}
    from (
      select * from conversations c
      where ${matches(tx, tenantId, query)}
      order by c.active_at desc nulls last, c.last_message_at desc nulls last, c.id desc nulls last
      limit ${limit} offset ${offset}
    ) c join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
    order by c.last_message_at desc, c.id desc`;

/** The statement of a walk's page: ids follow the creation. */
export function selectWalk(tx: Tx, tenantId: string, query: Wanted, { after, limit }: Slice<Place>) {
  const { id, shown } = after ?? { id: null, shown: [] };
  return tx<ListedConversation[]>`
    select ${conversationColumns(tx)}, ${contactColumns(tx)}, ${tagsColumn(tx)}, ${clocksColumn(tx)}
    from (
      select * from conversations c
      where ${matches(tx, tenantId, query)}
        ${id === null ? tx`` : tx`and c.id < ${id}::uuid`}
        ${shown.length > 0 ? tx`and c.id <> all(${shown}::uuid[])` : tx``}
      order by c.id desc limit ${limit}
    ) c join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
    order by c.id desc`;
}

/** The conversations of these ids that the tenant has, in no order. */
export async function findConversations(db: Database, tenantId: string, ids: readonly string[]) {
  const [rows] = await readTenant(db, tenantId, (tx) => [selectByIds(tx, tenantId, ids)]);
  return rows;
}

export const selectByIds = (tx: Tx, tenantId: string, ids: readonly string[]) =>
  tx<ListedConversation[]>`
    select ${conversationColumns(tx)}, ${contactColumns(tx)}, ${tagsColumn(tx)}, ${clocksColumn(tx)}
    from conversations c join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
    where c.tenant_id = ${tenantId} and c.id = any(${ids as string[]}::uuid[])`;

/** One row when the tenant has the conversation: for routes that show only what belongs to it. */
export const selectExistence = (tx: Tx, tenantId: string, id: string) =>
  tx<{ id: string }[]>`select c.id from conversations c where c.tenant_id = ${tenantId} and c.id = ${id}`;
