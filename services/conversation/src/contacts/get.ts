import type { ContactProfile, conversationApi, RouteOutput } from '@recado/contracts';
import { type Database, readTenant, type Tx } from '@recado/database';
import { type Caller, holdsPermission, NotFound, ownerSeenBy } from '@recado/service-kit';
import { seenTasks, taskPersonOf } from '../tasks/seen.ts';
import { type BookRow, bookColumns, chatsOf, type EntryRow, entryColumns, tagNames } from './book-store.ts';
import { seenContacts } from './seen.ts';
import { entryView, profileView } from './views.ts';

type Output = RouteOutput<typeof conversationApi.getContact>;
type Chat = Omit<Output['chats'][number], 'createdAt'> & { createdAt: Date };

const CHATS_SHOWN = 20;
const TASKS_SHOWN = 20;
type ShownTask = Omit<NonNullable<Output['tasks']>[number], 'dueAt'> & { dueAt: Date | null };

/** A contact with its last chats and next tasks. @throws NotFound `contact` */
export async function getContact(db: Database, caller: Caller, id: string): Promise<Output> {
  const { tenantId } = caller;
  const owner = ownerSeenBy(caller);
  const mayReadTasks = holdsPermission(caller, 'tasks.read');
  const [[row], chats, tasks] = await readTenant(db, tenantId, (tx) => [
    tx<EntryRow[]>`
      select ${entryColumns(tx, tenantId, owner)} from contacts k ${chatsOf(tx, tenantId)}
      where ${seenContacts(tx, tenantId, owner)} and k.id = ${id}`,
    tx<Chat[]>`
      select c.id, c.channel_id as "channelId", c.status, c.created_at as "createdAt" from conversations c
      where c.tenant_id = ${tenantId} and c.contact_id = ${id} order by c.id desc limit ${CHATS_SHOWN}`,
    mayReadTasks
      ? tx<ShownTask[]>`
          select t.id, t.title, t.due_at as "dueAt", t.status from tasks t
          where ${seenTasks(tx, tenantId, taskPersonOf(caller))} and t.contact_id = ${id}
          order by t.status not in ('pending', 'in_progress'), t.due_order, t.id limit ${TASKS_SHOWN}`
      : Promise.resolve(null),
  ]);
  if (!row) throw new NotFound('contact', id);
  return {
    ...entryView(row),
    chats: chats.map((one) => ({ ...one, createdAt: one.createdAt.toISOString() })),
    tasks: tasks?.map((one) => ({ ...one, dueAt: one.dueAt?.toISOString() ?? null })) ?? null,
  };
}

/** The profile of a contact beside its conversation, removed or not. */
export const selectProfile = (tx: Tx, tenantId: string, id: string) =>
  tx<(BookRow & { tags: string[] })[]>`
    select ${bookColumns(tx)}, ${tagNames(tx, tenantId)} as tags from contacts k
    where k.tenant_id = ${tenantId} and k.id = ${id}`;

/** The same as a conversation shows it: with the address that it has there. */
export const besideConversation = (
  contact: ContactProfile,
  row: (BookRow & { tags: string[] }) | undefined,
): ContactProfile => (row ? { ...profileView(row), ...contact } : contact);
