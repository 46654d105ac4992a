import type { CannedUse, OutboundContent } from '@recado/contracts';
import { contentOfAnswer, noteUse } from '../../canned-answers/use.ts';
import type { Deps } from '../../deps.ts';
import { deleteDraft } from '../../drafts/store.ts';
import type { SendContext, Sent } from './accept.ts';
import { sendMessage } from './send.ts';

/** What an agent sends: words of their own, or a canned answer. */
interface DeskMessage {
  content?: OutboundContent | undefined;
  canned?: CannedUse | undefined;
  clearDraft?: boolean | undefined;
}

/** Sends it, counts the answer it used, and drops the draft it was. @throws as sendMessage */
export async function sendFromDesk(
  deps: Deps,
  by: SendContext,
  conversationId: string,
  { content, canned, clearDraft }: DeskMessage,
): Promise<Sent> {
  const { tenantId, userId } = by.caller;
  const said = content ?? (await contentOfAnswer(deps, by.caller, conversationId, canned!));
  let isNew = false;
  const also: SendContext['also'] = async (tx) => {
    isNew = true;
    if (clearDraft && userId !== null) await deleteDraft(tx, { tenantId, userId, conversationId });
  };
  const sent = await sendMessage(deps, { ...by, also }, conversationId, said);
  if (canned && isNew) await noteUse(deps, tenantId, canned.answerId);
  return sent;
}
