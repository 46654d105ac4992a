import { type conversationApi, FIELD_CODES, type RouteResult, uuid } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { NotFound, TooManyRequests, timeAndId, ValidationFailed, walkOf } from '@recado/service-kit';
import { z } from 'zod';
import { selectByIds, selectExistence } from '../conversations/list.ts';
import { joinedView } from '../conversations/views.ts';
import type { Deps } from '../deps.ts';
import { aboutId, type ListedMessage, messageColumns, reactionsTo } from '../messages/store.ts';
import { messageView } from '../messages/views.ts';
import type { SearchQuery } from './find.ts';
import { snippetOf } from './snippet.ts';
import { selectBackfill } from './store.ts';
import { findMatches, type Match } from './walk.ts';
import { MAX_QUERY_WORDS, parseQuery, scoreOf, type Term } from './words.ts';

/** A tenant's searches leave connections and processors to other tenants and to consumers. */
export const SEARCH_PLACES = { places: 3, perKey: 2, spare: 1, maxWaiting: 200 };
const WAIT_MS = 3000;
/** Milliseconds after which a search ends with what it has. */
const MAX_MS = 4000;
/** Of so many latest matches the best are shown. */
const RANKED = 500;

const byTime = walkOf('found-messages', timeAndId);
const byScore = walkOf('ranked-messages', { id: uuid(), at: z.number().int().min(1).max(RANKED) });

type Answer = RouteResult<typeof conversationApi.searchMessages>;

/**
 * A page of the messages that hold all words of the query.
 * @throws ValidationFailed for a query without words; TooManyRequests when no place came free
 */
export async function searchMessages(deps: Deps, tenantId: string, query: SearchQuery): Promise<Answer> {
  const terms = termsOf(query.query);
  // A cursor that is none of ours takes no place.
  const { sort, cursor, limit } = query;
  const slice = sort === 'time' ? byTime.slice({ cursor, limit }) : byScore.slice({ cursor, limit });
  const end = await deps.searches.take(tenantId, WAIT_MS);
  if (!end) throw new TooManyRequests(1, 'Too many searches of this tenant');
  try {
    const { matches, isComplete, nextCursor } =
      sort === 'time'
        ? await latestPage(deps, tenantId, terms, query)
        : await rankedPage(deps, tenantId, terms, query, slice.after as { at: number } | null);
    return { items: await show(deps, tenantId, matches), nextCursor, isComplete };
  } finally {
    end();
  }
}

function termsOf(query: string): Term[] {
  const terms = parseQuery(query);
  const count = terms.reduce((sum, { words }) => sum + words.length, 0);
  if (count > 0 && count <= MAX_QUERY_WORDS) return terms;
  throw new ValidationFailed([{ field: 'query', message: FIELD_CODES.search_words, code: 'search_words' }]);
}

interface Page {
  matches: Match[];
  nextCursor: string | null;
  isComplete: boolean;
}

async function latestPage(deps: Deps, tenantId: string, terms: readonly Term[], query: SearchQuery): Promise<Page> {
  const { limit, cursor } = query;
  const { after: place } = byTime.slice({ cursor, limit });
  const found = await find(deps, tenantId, terms, { query, place, wanted: limit + 1 });
  const { items, nextCursor } = byTime.page(found.matches, limit, ({ sentTime, id }) => ({
    at: sentTime.toISOString(),
    id,
  }));
  // A full page is in order, also when time ran out after it.
  const isComplete = (found.isComplete || nextCursor !== null) && found.isRead;
  const next = found.next && byTime.cursorOf(found.next);
  return { matches: items, nextCursor: nextCursor ?? next, isComplete };
}

/** The best of the latest, cut into pages. New messages may move them. */
async function rankedPage(
  deps: Deps,
  tenantId: string,
  terms: readonly Term[],
  query: SearchQuery,
  after: { at: number } | null,
): Promise<Page> {
  const found = await find(deps, tenantId, terms, { query, place: null, wanted: RANKED });
  const scored = found.matches.slice(0, RANKED).map((match) => ({ match, score: scoreOf(match.tokens, match.marks) }));
  const from = after?.at ?? 0;
  // The sort is stable: of equal ones the latest comes first.
  const rest = scored.sort((a, b) => b.score - a.score).slice(from);
  const { items, nextCursor } = byScore.page(rest.slice(0, query.limit + 1), query.limit, ({ match }) => ({
    id: match.id,
    at: from + query.limit,
  }));
  return { matches: items.map(({ match }) => match), nextCursor, isComplete: found.isComplete && found.isRead };
}

type Wanted = Pick<Parameters<typeof findMatches>[0], 'query' | 'place' | 'wanted'>;

async function find({ db, workerDb }: Deps, tenantId: string, terms: readonly Term[], wanted: Wanted) {
  const [found, [backfill, chat]] = await Promise.all([
    findMatches({ db, workerDb, tenantId, terms, ...wanted, deadline: performance.now() + MAX_MS }),
    readTenant(db, tenantId, (tx) => [
      selectBackfill(tx, tenantId),
      wanted.query.conversationId
        ? selectExistence(tx, tenantId, wanted.query.conversationId)
        : tx<{ id: string }[]>`select`,
    ]),
  ]);
  if (wanted.query.conversationId && chat.length === 0) throw new NotFound('conversation', wanted.query.conversationId);
  const isRead = backfill[0]?.beforeId == null || wanted.query.conversationId !== undefined;
  return { ...found, isRead };
}

async function show({ db }: Deps, tenantId: string, matches: readonly Match[]): Promise<Answer['items']> {
  if (matches.length === 0) return [];
  const ids = matches.map(({ id }) => id);
  const [rows, chats] = await readTenant(db, tenantId, (tx) => [
    tx<ListedMessage[]>`
      select ${messageColumns(tx)}, ${aboutId(tx)}, ${reactionsTo(tx)} from messages m
      where m.tenant_id = ${tenantId} and m.id = any(${ids}::uuid[])`,
    selectByIds(tx, tenantId, [...new Set(matches.map(({ conversationId }) => conversationId))]),
  ]);
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const chatOf = new Map(chats.map((chat) => [chat.id, joinedView(chat)]));
  return matches.flatMap(({ id, content, marks }) => {
    const row = rowOf.get(id);
    const conversation = row && chatOf.get(row.conversationId);
    return row && conversation ? [{ message: messageView(row), conversation, snippet: snippetOf(content, marks) }] : [];
  });
}
