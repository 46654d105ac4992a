import { columns, type Tx } from '@recado/database';
import type { Slice } from '@recado/service-kit';
import { type Counted, countRows } from '../counted.ts';
import { conversationNotes } from '../schema.ts';

/** The columns of a NoteRow; the table is `n`. */
const noteColumns = columns(conversationNotes, { alias: 'n' });
export type NoteRow = typeof noteColumns.$row;

export async function insertNote(tx: Tx, note: Omit<NoteRow, 'createdAt'>): Promise<NoteRow> {
  const { tenantId, id, conversationId, userId, content, mentions } = note;
  const [made] = await tx<NoteRow[]>`
    insert into conversation_notes as n (tenant_id, id, conversation_id, user_id, content, mentions)
    values (${tenantId}, ${id}, ${conversationId}, ${userId}, ${content}, ${mentions}::uuid[])
    returning ${noteColumns(tx)}`;
  return made!;
}

/** Remembers who is named in a note. */
export const insertMentions = (tx: Tx, { tenantId, id, conversationId, mentions }: NoteRow) => tx`
  insert into note_mentions (tenant_id, user_id, note_id, conversation_id)
  select ${tenantId}, u, ${id}, ${conversationId} from unnest(${mentions}::uuid[]) u`;

/** A page of the notes that name a user, the last written first. */
export const selectMentions = (
  tx: Tx,
  tenantId: string,
  userId: string,
  { after, limit, offset }: Slice<{ id: string }>,
) => tx<NoteRow[]>`
  select ${noteColumns(tx)} from (
    select * from note_mentions m where m.tenant_id = ${tenantId} and m.user_id = ${userId}
      ${after ? tx`and m.note_id < ${after.id}::uuid` : tx``}
    order by m.note_id desc limit ${limit} offset ${offset}
  ) m join conversation_notes n
    on n.tenant_id = m.tenant_id and n.conversation_id = m.conversation_id and n.id = m.note_id
  order by n.id desc`;

export const countMentions = (tx: Tx, tenantId: string, userId: string): Promise<Counted> =>
  countRows(tx, tx`select from note_mentions m where m.tenant_id = ${tenantId} and m.user_id = ${userId}`);

/** Of the notes of a chat, before they are erased themselves. */
export const eraseMentions = (tx: Tx, tenantId: string, conversationId: string) => tx`
  delete from note_mentions m using conversation_notes n
  where n.tenant_id = ${tenantId} and n.conversation_id = ${conversationId}
    and m.tenant_id = n.tenant_id and m.user_id = any(n.mentions) and m.note_id = n.id`;

/** Those of users who are gone. Worker role. */
export const deleteMentionsOf = (tx: Tx, users: readonly { tenantId: string; userId: string }[]) => tx`
  delete from note_mentions m
  using unnest(${users.map((u) => u.tenantId)}::uuid[], ${users.map((u) => u.userId)}::uuid[]) as u (tenant_id, user_id)
  where m.tenant_id = u.tenant_id and m.user_id = u.user_id`;

/** A page of the notes of a conversation, the last written first. */
export const selectNotes = (
  tx: Tx,
  tenantId: string,
  conversationId: string,
  { after, limit, offset }: Slice<{ id: string }>,
) => tx<NoteRow[]>`
  select ${noteColumns(tx)} from conversation_notes n
  where n.tenant_id = ${tenantId} and n.conversation_id = ${conversationId}
    ${after ? tx`and n.id < ${after.id}::uuid` : tx``}
  order by n.id desc limit ${limit} offset ${offset}`;

export const countNotes = (tx: Tx, tenantId: string, conversationId: string) =>
  tx<{ count: number }[]>`
    select count(*)::int as count from conversation_notes n
    where n.tenant_id = ${tenantId} and n.conversation_id = ${conversationId}`;
