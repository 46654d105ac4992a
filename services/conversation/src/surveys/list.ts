import {
  type conversationApi,
  FIELD_CODES,
  isoTime,
  type RouteInput,
  type Survey,
  type SurveySummary,
  uuid,
} from '@recado/contracts';
import { readTenant } from '@recado/database';
import { type Caller, NotFound, ValidationFailed, walkOf } from '@recado/service-kit';
import type { Counted } from '../counted.ts';
import type { Deps } from '../deps.ts';
import { countSurveys, selectScores, selectSurveyOf, selectSurveys } from './list-store.ts';
import { surveyUserOf } from './seen.ts';
import { summaryOf } from './summary.ts';
import { surveyView } from './views.ts';

const walk = walkOf('surveys', { id: uuid(), at: isoTime() });
const MAX_MS = 366 * 24 * 3_600_000;

/** A page of the surveys that the caller sees, the last closed chat first. */
export async function listSurveys(
  { db }: Pick<Deps, 'db'>,
  caller: Caller,
  query: RouteInput<typeof conversationApi.listSurveys>['query'],
): Promise<Counted & { items: Survey[]; nextCursor: string | null }> {
  const { tenantId } = caller;
  const filter = { ...query, seenBy: surveyUserOf(caller) };
  const [rows, counted] = await readTenant(db, tenantId, (tx) => [
    selectSurveys(tx, tenantId, filter, walk.slice(query)),
    countSurveys(tx, tenantId, filter),
  ]);
  const place = ({ id, closedAt }: { id: string; closedAt: Date }) => ({ id, at: closedAt.toISOString() });
  const { items, nextCursor } = walk.page(rows, query.limit, place);
  return { items: items.map(surveyView), ...counted, nextCursor };
}

/** @throws ValidationFailed naming `to` of a period that is too long, or ends before it begins */
export async function summarizeSurveys(
  { db }: Pick<Deps, 'db'>,
  caller: Caller,
  query: RouteInput<typeof conversationApi.summarizeSurveys>['query'],
): Promise<SurveySummary> {
  const length = Date.parse(query.to) - Date.parse(query.from);
  if (length < 0 || length > MAX_MS) {
    throw new ValidationFailed([{ field: 'to', message: FIELD_CODES.range, code: 'range' }]);
  }
  const { tenantId } = caller;
  const filter = { ...query, seenBy: surveyUserOf(caller) };
  const [rows] = await readTenant(db, tenantId, (tx) => [selectScores(tx, tenantId, filter)]);
  return summaryOf(rows);
}

/** The survey of a conversation; null while none was due. @throws NotFound `conversation` */
export async function findSurveyOf(
  { db }: Pick<Deps, 'db'>,
  { tenantId }: Caller,
  conversationId: string,
): Promise<{ survey: Survey | null }> {
  const [[chat], [row]] = await readTenant(db, tenantId, (tx) => [
    tx`select from conversations where tenant_id = ${tenantId} and id = ${conversationId}`,
    selectSurveyOf(tx, tenantId, conversationId),
  ]);
  if (!chat) throw new NotFound('conversation', conversationId);
  return { survey: row ? surveyView(row) : null };
}
