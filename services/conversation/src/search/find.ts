import type { conversationApi, RouteInput } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import { messages, searchSegments } from '../schema.ts';
import { lexemeOf, queryOf } from './segment.ts';
import type { Term } from './words.ts';

export type SearchQuery = RouteInput<typeof conversationApi.searchMessages>['query'];
/** The last one that a page showed. */
export interface Place {
  at: string;
  id: string;
}

const segmentColumns = columns(searchSegments, { alias: 's', only: ['id', 'newestAt'] });
export type Candidate = typeof segmentColumns.$row;
const hitColumns = columns(messages, { alias: 'm', only: ['id', 'conversationId', 'content', 'sentTime'] });
/** A message that has the words, in whichever order. */
export type Hit = typeof hitColumns.$row;

/** Words of a query, each once; a prefix only where it ends a term. */
const wordsOf = (terms: readonly Term[]) =>
  terms.flatMap(({ words, prefix }) => words.map((word, i) => ({ word, prefix: prefix && i === words.length - 1 })));

/** Segments of one statement: a frequent word is in nearly all, and the first are often enough. */
export const MOST_CANDIDATES = 500;

/**
 * The next segments that have all words, the latest first. Worker role: Postgres uses no such index
 * under row level security. The tenant's own role reads what is in them.
 */
export const selectCandidates = (
  tx: Tx,
  tenantId: string,
  terms: readonly Term[],
  { from, to }: Pick<SearchQuery, 'from' | 'to'>,
  place: Place | null,
  after: Candidate | null,
) => tx<Candidate[]>`
  with found as materialized (
    select * from search_segments s where s.words @@ ${queryOf(tenantId, wordsOf(terms), '&')}::text::tsquery
  )
  select ${segmentColumns(tx)} from found s
  where s.tenant_id = ${tenantId}
    ${from ? tx`and s.newest_at >= ${from}::text::timestamptz` : tx``}
    ${to ? tx`and s.oldest_at <= ${to}::text::timestamptz` : tx``}
    ${place ? tx`and s.oldest_at <= ${place.at}::text::timestamptz` : tx``}
    ${after ? tx`and (s.newest_at < ${after.newestAt} or (s.newest_at = ${after.newestAt} and s.id > ${after.id}))` : tx``}
  order by s.newest_at desc, s.id limit ${MOST_CANDIDATES}`;

/** The messages of segments that have all words: the places that all words share. */
export function selectHits(
  tx: Tx,
  tenantId: string,
  terms: readonly Term[],
  segmentIds: readonly string[],
  filter: { query: SearchQuery; place: Place | null },
) {
  const words = wordsOf(terms);
  const same = words.map(({ word, prefix }) => {
    const lexeme = lexemeOf(tenantId, word);
    return prefix ? tx`starts_with(u.lexeme, ${lexeme})` : tx`u.lexeme = ${lexeme}`;
  });
  const any = same.map((one, i) => (i === 0 ? one : tx`or ${one}`));
  const bits = same.map((one, i) => tx`${i === 0 ? tx`` : tx`|`} (case when ${one} then ${2 ** i}::int else 0 end)`);
  // Most segments have the words in different messages; this condition is the cheaper one. The ids
  // come first: as a join Postgres unpacked a segment's ids for each of the tenant's messages.
  return tx<Hit[]>`
    select ${hitColumns(tx)} from messages m
    where m.tenant_id = ${tenantId} and m.id = any(array(
      select s.message_ids[x.place]
      from (
        select * from search_segments
        where tenant_id = ${tenantId} and id = any(${segmentIds as string[]}::uuid[])
          and words @@ ${queryOf(tenantId, words, '<0>')}::text::tsquery offset 0
      ) s
      cross join lateral (
        select p.place from unnest(s.words) u cross join lateral unnest(u.positions) as p (place) where ${any}
        group by p.place having bit_or(${bits}) = ${2 ** words.length - 1}::int
      ) x
    )) ${matching(tx, filter)}`;
}

/** The messages that have no words in the index yet, with any words. */
export const selectOpen = (tx: Tx, tenantId: string, filter: { query: SearchQuery; place: Place | null }) => tx<Hit[]>`
  select ${hitColumns(tx)} from messages m
  where m.tenant_id = ${tenantId} and m.id = any(array(
    select unnest(s.message_ids) from search_segments s where s.tenant_id = ${tenantId} and s.words is null
  )) ${matching(tx, filter)}`;

/** A conversation's messages, the latest first: it is read itself, and no index is asked. */
export const selectOfConversation = (
  tx: Tx,
  tenantId: string,
  conversationId: string,
  filter: { query: SearchQuery; place: Place | null },
  limit: number,
) => tx<Hit[]>`
  select ${hitColumns(tx)} from messages m
  where m.tenant_id = ${tenantId} and m.conversation_id = ${conversationId} ${matching(tx, filter)}
  order by m.sent_time desc, m.id desc limit ${limit}`;

function matching(tx: Tx, { query, place }: { query: SearchQuery; place: Place | null }) {
  const { userId, direction, from, to } = query;
  const hasChat = tx`exists (select from conversations c where c.tenant_id = m.tenant_id and c.id = m.conversation_id
    and c.assigned_user_id = ${userId ?? null})`;
  return tx`and m.content <> '' and m.type <> 'reaction'
    ${place ? tx`and (m.sent_time, m.id) < (${place.at}::text::timestamptz, ${place.id}::uuid)` : tx``}
    ${direction ? tx`and m.direction = ${direction}` : tx``}
    ${from ? tx`and m.sent_time >= ${from}::text::timestamptz` : tx``}
    ${to ? tx`and m.sent_time <= ${to}::text::timestamptz` : tx``}
    ${userId ? tx`and (m.user_id = ${userId} or ${hasChat})` : tx``}`;
}
