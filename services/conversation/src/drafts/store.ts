import { DRAFT_DAYS, MAX_DRAFTS } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import type { Slice } from '@recado/service-kit';
import { conversationDrafts } from '../schema.ts';

/** A draft; the table is `d`. */
const draftColumns = columns(conversationDrafts, { alias: 'd' });
export type DraftRow = typeof draftColumns.$row;
export type DraftKey = Pick<DraftRow, 'tenantId' | 'userId' | 'conversationId'>;

const is = (tx: Tx, { tenantId, userId, conversationId }: DraftKey) =>
  tx`d.tenant_id = ${tenantId} and d.user_id = ${userId} and d.conversation_id = ${conversationId}`;

export const selectDraft = (tx: Tx, key: DraftKey) =>
  tx<DraftRow[]>`select ${draftColumns(tx)} from conversation_drafts d where ${is(tx, key)}`;

export const lockDraft = (tx: Tx, key: DraftKey) =>
  tx<DraftRow[]>`select ${draftColumns(tx)} from conversation_drafts d where ${is(tx, key)} for update`;

/**
 * Writes a draft with a version that none before it had, not even one that was dropped.
 * @param isNew whether none may be there
 * @returns undefined when there is one nevertheless
 */
export async function writeDraft(
  tx: Tx,
  { tenantId, userId, conversationId, text, fileId, replyTo, updatedAt }: Omit<DraftRow, 'version'>,
  isNew: boolean,
): Promise<DraftRow | undefined> {
  // Seconds of this century: a counter that outlives its row.
  const first = tx`extract(epoch from now() - timestamptz '2026-01-01 00:00:00+00')::int`;
  const [row] = await tx<DraftRow[]>`
    insert into conversation_drafts as d (tenant_id, user_id, conversation_id, version, text, file_id, reply_to, updated_at)
    values (${tenantId}, ${userId}, ${conversationId}, ${first}, ${text}, ${fileId}, ${replyTo}, ${updatedAt})
    on conflict (tenant_id, user_id, conversation_id) do update
      set version = greatest(d.version + 1, excluded.version), text = excluded.text, file_id = excluded.file_id,
          reply_to = excluded.reply_to, updated_at = excluded.updated_at
      where ${!isNew}
    returning ${draftColumns(tx)}`;
  return row;
}

/** Drops the oldest drafts of a user beyond the limit. */
export const dropOldest = (tx: Tx, { tenantId, userId }: DraftKey) => tx`
  delete from conversation_drafts where tenant_id = ${tenantId} and user_id = ${userId} and conversation_id in (
    select d.conversation_id from conversation_drafts d where d.tenant_id = ${tenantId} and d.user_id = ${userId}
    order by d.updated_at desc, d.conversation_id desc offset ${MAX_DRAFTS})`;

export const deleteDraft = (tx: Tx, key: DraftKey) => tx`delete from conversation_drafts d where ${is(tx, key)}`;

export interface DraftPlace {
  at: string;
  id: string;
}

/** A page of a user's drafts, the last changed first. */
export const selectDrafts = (
  tx: Tx,
  { tenantId, userId }: Pick<DraftKey, 'tenantId' | 'userId'>,
  { after, limit, offset }: Slice<DraftPlace>,
) => tx<DraftRow[]>`
  select ${draftColumns(tx)} from conversation_drafts d where d.tenant_id = ${tenantId} and d.user_id = ${userId}
    ${after ? tx`and (d.updated_at, d.conversation_id) < (${after.at}::text::timestamptz, ${after.id}::uuid)` : tx``}
  order by d.updated_at desc, d.conversation_id desc limit ${limit} offset ${offset}`;

export const countDrafts = (tx: Tx, { tenantId, userId }: Pick<DraftKey, 'tenantId' | 'userId'>) =>
  tx<{ count: number }[]>`
    select count(*)::int as count from conversation_drafts d where d.tenant_id = ${tenantId} and d.user_id = ${userId}`;

/** What was written in the chat of a contact that is erased. */
export const eraseDrafts = (tx: Tx, tenantId: string, conversationId: string) => tx`
  delete from conversation_drafts where tenant_id = ${tenantId} and conversation_id = ${conversationId}`;

/** Those of users who are gone. Worker role. */
export const deleteDraftsOf = (tx: Tx, users: readonly { tenantId: string; userId: string }[]) => tx`
  delete from conversation_drafts d
  using unnest(${users.map((u) => u.tenantId)}::uuid[], ${users.map((u) => u.userId)}::uuid[]) as u (tenant_id, user_id)
  where d.tenant_id = u.tenant_id and d.user_id = u.user_id`;

/** Drops old drafts, at most 10,000. */
export const pruneDrafts = (tx: Tx) => tx`
  delete from conversation_drafts where ctid in (
    select ctid from conversation_drafts where updated_at < now() - make_interval(days => ${DRAFT_DAYS}) limit 10000)`;
