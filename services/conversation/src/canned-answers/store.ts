import type { conversationApi, RouteInput } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import { NotFound, type Slice } from '@recado/service-kit';
import { cannedAnswers } from '../schema.ts';
import { foldText } from '../text.ts';

/** A canned answer; the table is `a`. */
const answerColumns = columns(cannedAnswers, { alias: 'a', except: ['searchText'] });
export type AnswerRow = typeof answerColumns.$row;

type Query = RouteInput<typeof conversationApi.listCannedAnswers>['query'];
type Filter = Omit<Query, 'page' | 'limit' | 'cursor'>;

export interface AnswerPlace {
  /** 1: its shortcut begins as searched. */
  rank: number;
  uses: number;
  id: string;
}

/** The shared ones, and those of the user. */
const seen = (tx: Tx, tenantId: string, userId: string | null) =>
  tx`a.tenant_id = ${tenantId} and (a.user_id is null or a.user_id = ${userId}::uuid)`;

const begins = (tx: Tx, search: string) => tx`starts_with(a.shortcut_key, ${foldText(search.replace(/^\//, ''))})`;

function matching(tx: Tx, tenantId: string, userId: string | null, f: Filter) {
  const words = f.search ? foldText(f.search).split(/\s+/).filter(Boolean) : [];
  const found = f.search?.startsWith('/')
    ? tx`and ${begins(tx, f.search)}`
    : tx`and (select bool_and(strpos(a.search_text, w) > 0) from unnest(${words}::text[]) w)`;
  return tx`${seen(tx, tenantId, userId)}
    ${words.length > 0 ? found : tx``}
    ${f.scope === 'shared' ? tx`and a.user_id is null` : tx``}
    ${f.scope === 'own' ? tx`and a.user_id is not null` : tx``}
    ${f.category ? tx`and lower(a.category) = lower(${f.category})` : tx``}
    ${f.tag ? tx`and exists (select from unnest(a.tags) t where lower(t) = lower(${f.tag}))` : tx``}`;
}

export function selectAnswers(
  tx: Tx,
  tenantId: string,
  userId: string | null,
  filter: Filter,
  { after, limit, offset }: Slice<AnswerPlace>,
) {
  const rank = filter.search ? tx`${begins(tx, filter.search)}::int` : tx`0`;
  const place = after
    ? tx`where (r.rank, r.usage_count, r.id) < (${after.rank}::int, ${after.uses}::int, ${after.id}::uuid)`
    : tx``;
  return tx<(AnswerRow & { rank: number })[]>`
    select ${answerColumns(tx)}, a.rank from (
      select r.* from (
        select a.*, ${rank} as rank from canned_answers a where ${matching(tx, tenantId, userId, filter)}
      ) r ${place} order by r.rank desc, r.usage_count desc, r.id desc limit ${limit} offset ${offset}
    ) a order by a.rank desc, a.usage_count desc, a.id desc`;
}

export const countAnswers = (tx: Tx, tenantId: string, userId: string | null, filter: Filter) =>
  tx<{ count: number }[]>`
    select count(*)::int as count from canned_answers a where ${matching(tx, tenantId, userId, filter)}`;

export const selectAnswer = (tx: Tx, tenantId: string, userId: string | null, id: string) =>
  tx<
    AnswerRow[]
  >`select ${answerColumns(tx)} from canned_answers a where ${seen(tx, tenantId, userId)} and a.id = ${id}`;

/** @throws NotFound `canned_answer` for one that the user does not see */
export async function lockAnswer(tx: Tx, tenantId: string, userId: string | null, id: string): Promise<AnswerRow> {
  const [row] = await tx<AnswerRow[]>`
    select ${answerColumns(tx)} from canned_answers a where ${seen(tx, tenantId, userId)} and a.id = ${id} for update`;
  if (!row) throw new NotFound('canned_answer', id);
  return row;
}

/** How many there are of the same kind: shared, or of the same user. */
export async function countOfKind(tx: Tx, { tenantId, userId }: AnswerRow): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from canned_answers
    where tenant_id = ${tenantId} and user_id is not distinct from ${userId}::uuid`;
  return row!.count;
}

const searched = ({ shortcut, title, content, category, tags }: AnswerRow): string =>
  foldText([shortcut, title, category ?? '', ...tags, content].join(' '));
const mediaOf = ({ media }: AnswerRow) => (media === null ? null : JSON.stringify(media));

/** Adds an answer. @throws a unique violation when the shortcut is taken */
export const insertAnswer = (tx: Tx, a: AnswerRow) => tx`
  insert into canned_answers (tenant_id, id, user_id, shortcut, shortcut_key, title, content, category, tags, media,
    search_text, created_by, created_at, updated_at)
  values (${a.tenantId}, ${a.id}, ${a.userId}, ${a.shortcut}, ${a.shortcutKey}, ${a.title}, ${a.content}, ${a.category},
    ${a.tags}, ${mediaOf(a)}::text::jsonb, ${searched(a)}, ${a.createdBy}, ${a.createdAt}, ${a.updatedAt})`;

/** Writes a locked answer. @throws a unique violation when the shortcut is taken */
export const patchAnswer = (tx: Tx, a: AnswerRow) => tx`
  update canned_answers set shortcut = ${a.shortcut}, shortcut_key = ${a.shortcutKey}, title = ${a.title},
    content = ${a.content}, category = ${a.category}, tags = ${a.tags}, media = ${mediaOf(a)}::text::jsonb,
    search_text = ${searched(a)}, updated_at = ${a.updatedAt}
  where tenant_id = ${a.tenantId} and id = ${a.id}`;

export const deleteAnswer = (tx: Tx, tenantId: string, id: string) =>
  tx`delete from canned_answers where tenant_id = ${tenantId} and id = ${id}`;

/** Counts a use; the most used stand first in lists. */
export const countUse = (tx: Tx, tenantId: string, id: string) => tx`
  update canned_answers set usage_count = least(usage_count::bigint + 1, 2147483647), last_used_at = now()
  where tenant_id = ${tenantId} and id = ${id}`;

/** Those of users who are gone. Worker role. */
export const deleteAnswersOf = (tx: Tx, users: readonly { tenantId: string; userId: string }[]) => tx`
  delete from canned_answers a
  using unnest(${users.map((u) => u.tenantId)}::uuid[], ${users.map((u) => u.userId)}::uuid[]) as u (tenant_id, user_id)
  where a.tenant_id = u.tenant_id and a.user_id = u.user_id`;
