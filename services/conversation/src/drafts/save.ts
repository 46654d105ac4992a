import { type conversationApi, type Draft, FIELD_CODES, type RouteInput } from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { type Caller, Conflict, Forbidden, NotFound } from '@recado/service-kit';
import { selectExistence } from '../conversations/list.ts';
import type { Deps } from '../deps.ts';
import { type DraftKey, type DraftRow, deleteDraft, dropOldest, lockDraft, writeDraft } from './store.ts';

type Input = RouteInput<typeof conversationApi.saveDraft>['body'];

/** Whose drafts a caller has. @throws Forbidden for a key or a service */
export function draftOwnerOf({ tenantId, userId }: Caller): Pick<DraftKey, 'tenantId' | 'userId'> {
  if (userId === null) throw new Forbidden('This takes a person');
  return { tenantId, userId };
}

/**
 * Keeps what a user has written in a chat. Without any content there is no draft.
 * @throws NotFound `conversation`; Conflict `draft` when another screen wrote since `version`
 */
export async function saveDraft(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  caller: Caller,
  conversationId: string,
  { version, ...given }: Input,
): Promise<Draft> {
  const key = { ...draftOwnerOf(caller), conversationId };
  return withTenant(db, key.tenantId, async (tx) => {
    const [[chat], [before]] = await Promise.all([
      selectExistence(tx, key.tenantId, conversationId),
      lockDraft(tx, key),
    ]);
    if (!chat) throw new NotFound('conversation', conversationId);
    if (version !== undefined && version !== (before?.version ?? 0)) throw overtaken();
    if (given.text.trim() === '' && given.fileId === null && given.replyTo === null) {
      if (before) await deleteDraft(tx, key);
      return noDraft(conversationId);
    }
    return draftView(
      await write(tx, { ...key, ...given, updatedAt: now() }, before === undefined && version !== undefined),
    );
  });
}

async function write(tx: Tx, row: Omit<DraftRow, 'version'>, isNew: boolean): Promise<DraftRow> {
  const written = await writeDraft(tx, row, isNew);
  if (!written) throw overtaken();
  await dropOldest(tx, row);
  return written;
}

const overtaken = () => {
  const message = 'The draft was changed elsewhere';
  return new Conflict(message, 'draft', [{ field: 'version', message: FIELD_CODES.overtaken, code: 'overtaken' }]);
};

export const noDraft = (conversationId: string): Draft => ({
  conversationId,
  text: '',
  fileId: null,
  replyTo: null,
  version: 0,
  updatedAt: null,
});

export const draftView = ({ tenantId: _, userId: __, updatedAt, ...draft }: DraftRow): Draft => ({
  ...draft,
  updatedAt: updatedAt.toISOString(),
});
