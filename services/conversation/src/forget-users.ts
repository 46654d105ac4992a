import type { Tx } from '@recado/database';
import { deleteAnswersOf } from './canned-answers/store.ts';
import { deleteDraftsOf } from './drafts/store.ts';
import { deleteMacrosOf } from './macros/store.ts';
import { deleteMentionsOf } from './notes/store.ts';

/** What users have alone goes with them. Worker role. */
export async function forgetUsers(tx: Tx, users: readonly { tenantId: string; userId: string }[]): Promise<void> {
  await deleteDraftsOf(tx, users);
  await deleteAnswersOf(tx, users);
  await deleteMacrosOf(tx, users);
  await deleteMentionsOf(tx, users);
}
