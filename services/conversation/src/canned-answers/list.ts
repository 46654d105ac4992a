import { type CannedAnswer, type conversationApi, type RouteInput, uuid } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { type Caller, NotFound, walkOf } from '@recado/service-kit';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type AnswerPlace, countAnswers, selectAnswer, selectAnswers } from './store.ts';
import { answerView } from './views.ts';

type Query = RouteInput<typeof conversationApi.listCannedAnswers>['query'];

const int = z.number().int();
const walk = walkOf('canned-answers', { rank: int, uses: int, id: uuid() });

/** A page of the answers that the caller sees. */
export async function listAnswers(
  { db }: Pick<Deps, 'db'>,
  { tenantId, userId }: Caller,
  { page, limit, cursor, ...filter }: Query,
): Promise<{ items: CannedAnswer[]; total: number; nextCursor: string | null }> {
  const slice = walk.slice({ page, limit, cursor });
  const [rows, [counted]] = await readTenant(db, tenantId, (tx) => [
    selectAnswers(tx, tenantId, userId, filter, slice),
    countAnswers(tx, tenantId, userId, filter),
  ]);
  const placeOf = (row: (typeof rows)[number]): AnswerPlace => ({
    rank: row.rank,
    uses: row.usageCount,
    id: row.id,
  });
  const { items, nextCursor } = walk.page(rows, limit, placeOf);
  return { items: items.map(answerView), total: counted!.count, nextCursor };
}

/** @throws NotFound `canned_answer` for one that the caller does not see */
export async function findAnswer({ db }: Pick<Deps, 'db'>, { tenantId, userId }: Caller, id: string) {
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectAnswer(tx, tenantId, userId, id)]);
  if (!row) throw new NotFound('canned_answer', id);
  return answerView(row);
}
