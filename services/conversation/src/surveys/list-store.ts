import type { conversationApi, RouteInput } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Slice } from '@recado/service-kit';
import { type Counted, countRows } from '../counted.ts';
import { surveyColumns } from './store.ts';
import type { ScoreRow } from './summary.ts';
import type { ShownSurvey } from './views.ts';

type Query = RouteInput<typeof conversationApi.listSurveys>['query'];
type Filter = Partial<Omit<Query, 'page' | 'limit' | 'cursor'>> & {
  /** Whose chats; null: all. */
  seenBy: string | null;
};

function matching(tx: Tx, tenantId: string, f: Filter) {
  return tx`s.tenant_id = ${tenantId}
    ${f.seenBy === null ? tx`` : tx`and s.user_id = ${f.seenBy}`}
    ${f.status === 'answered' ? tx`and s.answered_at is not null` : tx``}
    ${f.status ? tx`and s.status = ${f.status}` : tx``}
    ${f.userId ? tx`and s.user_id = ${f.userId}` : tx``}
    ${f.campaignId ? tx`and s.campaign_id = ${f.campaignId}` : tx``}
    ${f.channelId ? tx`and s.channel_id = ${f.channelId}` : tx``}
    ${f.contactId ? tx`and s.contact_id = ${f.contactId}` : tx``}
    ${f.handledBy ? tx`and s.handled_by = ${f.handledBy}` : tx``}
    ${f.score === undefined ? tx`` : tx`and s.score = ${f.score}`}
    ${f.from ? tx`and s.closed_at >= ${f.from}::text::timestamptz` : tx``}
    ${f.to ? tx`and s.closed_at < ${f.to}::text::timestamptz` : tx``}`;
}

const shown = (tx: Tx) => tx`${surveyColumns(tx)}, k.name as "contactName", k.phone as "contactPhone"`;
const withContact = (tx: Tx) => tx`left join contacts k on k.tenant_id = s.tenant_id and k.id = s.contact_id`;

/** A page of surveys, the last closed chat first. */
export const selectSurveys = (
  tx: Tx,
  tenantId: string,
  filter: Filter,
  { after, limit, offset }: Slice<{ id: string; at: string }>,
) => tx<ShownSurvey[]>`
  select ${shown(tx)}
  from (
    select * from surveys s where ${matching(tx, tenantId, filter)}
      ${after ? tx`and (s.closed_at, s.id) < (${after.at}::text::timestamptz, ${after.id}::uuid)` : tx``}
    order by s.closed_at desc, s.id desc limit ${limit} offset ${offset}
  ) s ${withContact(tx)} order by s.closed_at desc, s.id desc`;

export const countSurveys = (tx: Tx, tenantId: string, filter: Filter): Promise<Counted> =>
  countRows(tx, tx`select from surveys s where ${matching(tx, tenantId, filter)}`);

export const selectSurveyOf = (tx: Tx, tenantId: string, conversationId: string) => tx<ShownSurvey[]>`
  select ${shown(tx)} from surveys s ${withContact(tx)}
  where s.tenant_id = ${tenantId} and s.conversation_id = ${conversationId}`;

/** Questions of a period by agent and score: six rows for each agent at most. */
export const selectScores = (tx: Tx, tenantId: string, filter: Filter) => tx<ScoreRow[]>`
  select s.user_id as "userId", s.score, count(*)::int as count, count(s.comment)::int as commented
  from surveys s where ${matching(tx, tenantId, filter)} and s.asked_at is not null
  group by s.user_id, s.score`;
