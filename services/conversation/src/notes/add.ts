import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  conversationAudit,
  type EventData,
  type Note,
  noteMentioned,
  uuidv7,
} from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { AppError, type Caller, ValidationFailed } from '@recado/service-kit';
import { checkAssignable } from '../conversations/assignee.ts';
import { lockOrThrow } from '../conversations/change.ts';
import type { Deps } from '../deps.ts';
import { insertMentions, insertNote, type NoteRow } from './store.ts';

export const noteView = ({ tenantId: _, createdAt, ...note }: NoteRow): Note => ({
  ...note,
  createdAt: createdAt.toISOString(),
});

interface NewNote {
  conversationId: string;
  content: string;
  mentions: readonly string[];
}

/**
 * Writes a note that only people of the tenant see. Its words are not in the audit log.
 * @throws NotFound `conversation`; ValidationFailed naming a mention that is no user
 */
export async function addNote(deps: Deps, caller: Caller, origin: AuditOrigin, given: NewNote): Promise<Note> {
  const { tenantId, userId } = caller;
  const { conversationId, content } = given;
  const mentions = [...new Set(given.mentions)];
  await checkMentions(deps, tenantId, mentions);
  const work = async (tx: Tx): Promise<Note> => {
    const { contactName } = await lockOrThrow(tx, tenantId, conversationId);
    const note = await insertNote(tx, { tenantId, id: uuidv7(), conversationId, userId, content, mentions });
    const what = { action: 'conversation.note', entityType: 'conversation', entityId: conversationId };
    const changes = { note: { from: null, to: note.id } };
    if (mentions.length > 0) await insertMentions(tx, note);
    const named = { noteId: note.id, conversationId, byUserId: userId, contactName };
    await enqueue(tx, [
      ...mentions.filter((id) => id !== userId).map((id) => mentionOf(origin, { ...named, userId: id })),
      buildAudit(conversationAudit, origin, { ...what, changes }),
    ]);
    return noteView(note);
  };
  return withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
}

const mentionOf = ({ tenantId, traceparent }: AuditOrigin, data: EventData<typeof noteMentioned>) =>
  buildEvent(noteMentioned, { tenantId, subject: data.noteId, traceparent, data });

async function checkMentions(deps: Deps, tenantId: string, mentions: readonly string[]): Promise<void> {
  const unknown = await Promise.all(
    mentions.map((id) =>
      checkAssignable(deps, tenantId, id).then(
        () => false,
        (error: unknown) => {
          if (error instanceof AppError && error.code === 'not_found') return true;
          throw error;
        },
      ),
    ),
  );
  const problems = unknown.flatMap((isUnknown, i) =>
    isUnknown ? [{ field: `mentions.${i}`, message: 'No such user', code: 'unknown_user' as const }] : [],
  );
  if (problems.length > 0) throw new ValidationFailed(problems);
}
