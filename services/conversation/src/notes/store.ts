import { columns, type Tx } from '@recado/database';
import type { Slice } from '@recado/service-kit';
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
