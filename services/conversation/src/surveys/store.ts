import type { SurveySettings } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import type { OpenConversation } from '../conversations/store.ts';
import { surveys } from '../schema.ts';

/** A survey; the table is `s`. */
export const surveyColumns = columns(surveys, { alias: 's', except: ['createdAt'] });
export type SurveyRow = typeof surveyColumns.$row;

/** The settings of a campaign, and those of the tenant behind them. */
export async function findSettings(
  tx: Tx,
  tenantId: string,
  campaignId: string | null,
): Promise<{ settings: SurveySettings; scopeId: string } | null> {
  const [row] = await tx<{ settings: SurveySettings; scopeId: string }[]>`
    select s.settings, s.scope_id as "scopeId" from survey_settings s
    where s.tenant_id = ${tenantId} and s.scope_id in (${tenantId}, ${campaignId ?? tenantId})
    order by s.scope_id = ${tenantId} limit 1`;
  return row ?? null;
}

export const saveSettings = (tx: Tx, tenantId: string, scopeId: string, settings: SurveySettings) => tx`
  insert into survey_settings (tenant_id, scope_id, settings)
  values (${tenantId}, ${scopeId}, ${JSON.stringify(settings)}::text::jsonb)
  on conflict (tenant_id, scope_id) do update set settings = excluded.settings, updated_at = now()`;

export async function deleteSettings(tx: Tx, tenantId: string, scopeId: string): Promise<SurveySettings | null> {
  const [row] = await tx<{ settings: SurveySettings }[]>`
    delete from survey_settings where tenant_id = ${tenantId} and scope_id = ${scopeId} returning settings`;
  return row?.settings ?? null;
}

type NewSurvey = Pick<
  SurveyRow,
  'tenantId' | 'id' | 'conversationId' | 'contactId' | 'channelId' | 'campaignId' | 'userId' | 'settings' | 'closedAt'
>;

/** The survey of a conversation that is closed now; null for one that was asked about before. */
export async function scheduleSurvey(tx: Tx, s: NewSurvey): Promise<SurveyRow | null> {
  const [row] = await tx<SurveyRow[]>`
    insert into surveys as s (tenant_id, id, conversation_id, contact_id, channel_id, campaign_id, user_id, status,
      settings, closed_at)
    values (${s.tenantId}, ${s.id}, ${s.conversationId}, ${s.contactId}, ${s.channelId}, ${s.campaignId}, ${s.userId},
      'scheduled', ${JSON.stringify(s.settings)}::text::jsonb, ${s.closedAt})
    on conflict (tenant_id, conversation_id) do update set
      status = 'scheduled', reason = null, contact_id = excluded.contact_id, campaign_id = excluded.campaign_id,
      user_id = excluded.user_id, settings = excluded.settings, closed_at = excluded.closed_at
    where s.status in ('scheduled', 'skipped')
    returning ${surveyColumns(tx)}`;
  return row ?? null;
}

export async function lockSurvey(tx: Tx, tenantId: string, id: string): Promise<SurveyRow | null> {
  const [row] = await tx<SurveyRow[]>`
    select ${surveyColumns(tx)} from surveys s where s.tenant_id = ${tenantId} and s.id = ${id} for update`;
  return row ?? null;
}

export async function findSurvey(tx: Tx, tenantId: string, id: string): Promise<SurveyRow | null> {
  const [row] = await tx<SurveyRow[]>`
    select ${surveyColumns(tx)} from surveys s where s.tenant_id = ${tenantId} and s.id = ${id}`;
  return row ?? null;
}

/** Writes what becomes of a locked survey. */
export const patchSurvey = (tx: Tx, s: SurveyRow) => tx`
  update surveys set status = ${s.status}, reason = ${s.reason}, handled_by = ${s.handledBy}, way = ${s.way},
    message_id = ${s.messageId}, score = ${s.score}, comment = ${s.comment}, asked_at = ${s.askedAt},
    opens_until = ${s.opensUntil}, answered_at = ${s.answeredAt}, answer_sent_at = ${s.answerSentAt}
  where tenant_id = ${s.tenantId} and id = ${s.id}`;

/** Who answered the customer in a conversation, and whether they were asked since a time. */
export async function selectHistory(
  tx: Tx,
  { tenantId, conversationId, contactId, id }: SurveyRow,
  since: Date,
): Promise<{ byPerson: boolean; byAi: boolean; isRecent: boolean }> {
  const wrote = (author: string) => tx`exists (
    select from messages m where m.tenant_id = ${tenantId} and m.conversation_id = ${conversationId}
      and m.direction = 'outbound' and m.author = ${author} and m.type <> 'reaction')`;
  const [row] = await tx<{ byPerson: boolean; byAi: boolean; isRecent: boolean }[]>`
    select ${wrote('user')} as "byPerson", ${wrote('ai')} as "byAi", exists (
      select from surveys s where s.tenant_id = ${tenantId} and s.contact_id = ${contactId} and s.id <> ${id}
        and s.asked_at > ${since}) as "isRecent"`;
  return row!;
}

/** A survey with the conversation that its answers stand in. */
export type AskedSurvey = SurveyRow & { conversation: OpenConversation };

/** Those of these surveys whose contact has this one. */
export async function findPressed(
  tx: Tx,
  keys: readonly { tenantId: string; surveyId: string; contactId: string }[],
): Promise<AskedSurvey[]> {
  return asked(
    tx,
    tx`unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.surveyId)}::uuid[],
              ${keys.map((k) => k.contactId)}::uuid[]) as w (tenant_id, id, contact_id)
       join surveys s using (tenant_id, id, contact_id)`,
  );
}

/** The last question to each of these contacts that words may still answer. */
export async function findOpen(
  tx: Tx,
  keys: readonly { tenantId: string; channelId: string; contactId: string }[],
): Promise<AskedSurvey[]> {
  return asked(
    tx,
    tx`unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.channelId)}::uuid[],
              ${keys.map((k) => k.contactId)}::uuid[]) as w (tenant_id, channel_id, contact_id)
       cross join lateral (
         select * from surveys s
         where s.tenant_id = w.tenant_id and s.contact_id = w.contact_id and s.channel_id = w.channel_id
           and s.asked_at is not null
         order by s.asked_at desc limit 1
       ) s`,
  ).then((rows) => rows.filter(({ opensUntil }) => opensUntil !== null));
}

async function asked(tx: Tx, from: ReturnType<typeof fragment>): Promise<AskedSurvey[]> {
  const rows = await tx<(SurveyRow & { chatStatus: OpenConversation['status']; chatUserId: string | null })[]>`
    select ${surveyColumns(tx)}, c.status as "chatStatus", c.assigned_user_id as "chatUserId"
    from ${from} join conversations c on c.tenant_id = s.tenant_id and c.id = s.conversation_id`;
  return rows.map(({ chatStatus, chatUserId, ...survey }) => {
    const { tenantId, conversationId, channelId, contactId, campaignId } = survey;
    // Such an answer brings no chat back from a snooze.
    const chat = { tenantId, id: conversationId, channelId, contactId, campaignId, snoozedUntil: null };
    return { ...survey, conversation: { ...chat, status: chatStatus, assignedUserId: chatUserId } };
  });
}

const fragment = (tx: Tx) => tx``;

/** Takes back conversations that only an answer opened, in the transaction that opened them. */
export const takeBackOpened = (tx: Tx, keys: readonly { tenantId: string; id: string }[]) => tx`
  delete from conversations c
  using unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.id)}::uuid[]) as d (tenant_id, id)
  where c.tenant_id = d.tenant_id and c.id = d.id`;

interface ShownAnswer {
  tenantId: string;
  id: string;
  messageId: string;
  type: string;
  content: string;
  sentTime: string;
  count: number;
}

/** Locked chats show the answers that stand in them. */
export const showAnswers = (tx: Tx, rows: readonly ShownAnswer[]) => tx`
  update conversations c set
    message_count = c.message_count + n.count,
    last_message_id = case when ${isLater(tx)} then n.message_id else c.last_message_id end,
    last_message_content = case when ${isLater(tx)} then n.content else c.last_message_content end,
    last_message_direction = case when ${isLater(tx)} then 'inbound' else c.last_message_direction end,
    last_message_type = case when ${isLater(tx)} then n.type else c.last_message_type end,
    last_message_at = greatest(c.last_message_at, n.at), last_inbound_at = greatest(c.last_inbound_at, n.at),
    version = c.version + 1, updated_at = now()
  from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[],
              ${rows.map((r) => r.messageId)}::uuid[], ${rows.map((r) => r.type)}::text[],
              ${rows.map((r) => r.content)}::text[], ${rows.map((r) => r.sentTime)}::text[]::timestamptz[],
              ${rows.map((r) => r.count)}::int[]) as n (tenant_id, id, message_id, type, content, at, count)
  where c.tenant_id = n.tenant_id and c.id = n.id`;

const isLater = (tx: Tx) =>
  tx`(c.last_message_id is null or (n.at, n.message_id) > (c.last_message_at, c.last_message_id))`;

/** The surveys of an erased contact go with it. */
export const eraseSurveys = (tx: Tx, tenantId: string, contactId: string) =>
  tx`delete from surveys where tenant_id = ${tenantId} and contact_id = ${contactId}`;

/** Those of a contact that turned out to be another one. */
export const moveSurveys = (tx: Tx, tenantId: string, from: string, into: string) =>
  tx`update surveys set contact_id = ${into} where tenant_id = ${tenantId} and contact_id = ${from}`;
